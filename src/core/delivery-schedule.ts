const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** The pause before each try: 13 tries over 75.7 hours. */
export const PAUSES_MS: readonly number[] = [
  0,
  5 * SECOND,
  30 * SECOND,
  2 * MINUTE,
  10 * MINUTE,
  30 * MINUTE,
  1 * HOUR,
  2 * HOUR,
  4 * HOUR,
  8 * HOUR,
  12 * HOUR,
  24 * HOUR,
  24 * HOUR,
]
/** After these a delivery is late: it has no time of its own any more, and waits for its endpoint's probe. */
export const SCHEDULED_TRIES = PAUSES_MS.length
/** How often an endpoint is asked whether it takes one of its late events. */
export const PROBE_EVERY_MS = HOUR
/** How long an event is kept for an endpoint that does not take it. */
export const GIVEN_UP_AFTER_MS = 30 * DAY
/** An endpoint that has refused several payments' events for so long, and taken nothing, is down. */
export const DOWN_AFTER_MS = HOUR
/** So is one whose only event used up its tries meanwhile: their shortest sum is 60 hours. */
export const DOWN_WITH_ONE_ROOT_AFTER_MS = 60 * HOUR
/** From so many refusals in a row on, an endpoint gets one call at a time. */
export const FAILING_AFTER = 5
/** What is told behind a refused event of its root waits as long as that one, and looks again after so long. */
export const HELD_BACK_MS = HOUR
/** The pace at which a backlog drains: one event each 40 ms, 25 a second. */
export const DRAIN_EVERY_MS = 40

/** Endpoints that went down together do not all come back in the same second. */
const JITTER = 0.2

/**
 * How long to wait after a failed try. After the last scheduled one it is the pause before the endpoint's next probe.
 * @param tries how many have been made, the failed one included
 * @param random at least 4 random bytes: they spread the pause by up to 20 % either way
 * @param retryAfterMs what the endpoint asked for; honoured up to twice the pause, and never below it
 */
export function pauseAfter(tries: number, random: Uint8Array, retryAfterMs = 0): number {
  const share = new DataView(random.buffer, random.byteOffset).getUint32(0) / 0xffff_ffff
  const pause = (PAUSES_MS[tries] ?? PROBE_EVERY_MS) * (1 - JITTER + 2 * JITTER * share)
  return Math.round(Math.min(Math.max(pause, retryAfterMs), 2 * pause))
}
