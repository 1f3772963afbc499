const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

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
/** Endpoints that went down together do not all come back in the same second. */
const JITTER = 0.2

/**
 * How long to wait after a failed try, or undefined when it was the last one.
 * @param tries how many have been made, the failed one included
 * @param random at least 4 random bytes: they spread the pause by up to 20 % either way
 */
export function pauseAfter(tries: number, random: Uint8Array): number | undefined {
  const pause = PAUSES_MS[tries]
  if (pause === undefined) return undefined
  const share = new DataView(random.buffer, random.byteOffset).getUint32(0) / 0xffff_ffff
  return Math.round(pause * (1 - JITTER + 2 * JITTER * share))
}
