import type { ClaimedDelivery, DeliveryOutcome, TryRecord } from '../core/delivery.ts'
import { pauseAfter, SCHEDULED_TRIES } from '../core/delivery-schedule.ts'
import type { EventDoors } from '../core/door-events.ts'
import type { Env, HttpClient, HttpResponse } from '../core/env.ts'
import { nameOf, newUuid } from '../core/ids.ts'
import type { SecretSealer } from './endpoint-secret.ts'
import { CutAnswer } from './exchange.ts'
import { keptBody, keptHeaders, keptSignedHeaders } from './keep-try.ts'
import { parseRetryAfter } from './retry-after.ts'

const TOTAL_TIMEOUT_MS = 15_000
const MAX_ANSWER_BYTES = 64 * 1024
const GONE = 410

type Means = { readonly sealer: Pick<SecretSealer, 'open'>; readonly doors: EventDoors }
type Verdict = {
  readonly requestHeaders: Readonly<Record<string, string>>
  readonly answer: HttpResponse | undefined
  /** Undefined where the event was taken. */
  readonly error: string | undefined
}
export type Attempted = { readonly outcome: DeliveryOutcome; readonly record: TryRecord }

/**
 * Makes one try and says what becomes of the delivery. Any 2xx is a yes, whatever follows it; all else is a no, redirects
 * included (Standard Webhooks 1.0.0, "Webhook delivery"), and is tried again after a growing pause.
 */
export async function attempt(
  env: Env,
  client: HttpClient,
  means: Means,
  delivery: ClaimedDelivery,
): Promise<Attempted> {
  const startedAt = env.now()
  const startedMs = env.monotonicMs()
  const verdict = await send(env, client, means, delivery)
  const { answer, requestHeaders } = verdict
  return {
    outcome: outcomeOf(env, delivery, verdict),
    record: {
      id: newUuid(env),
      startedAt,
      durationMs: Math.max(0, Math.round(env.monotonicMs() - startedMs)),
      requestHeaders: keptSignedHeaders(requestHeaders),
      responseHeaders: answer ? keptHeaders(answer.headers) : null,
      responseBody: answer ? keptBody(answer.body) : null,
    },
  }
}

function outcomeOf(env: Env, delivery: ClaimedDelivery, { answer, error }: Verdict): DeliveryOutcome {
  const at = env.now()
  if (answer && error === undefined) return { state: 'delivered', at, status: answer.status }
  const tries = delivery.tries + 1
  const pauseMs = pauseAfter(tries, env.randomBytes(4), parseRetryAfter(answer?.headers['retry-after'], at))
  return {
    state: 'pending',
    at,
    nextAt: new Date(at.getTime() + pauseMs),
    late: tries >= SCHEDULED_TRIES,
    gone: answer?.status === GONE,
    status: answer?.status ?? null,
    error: error ?? '',
  }
}

async function send(env: Env, client: HttpClient, means: Means, delivery: ClaimedDelivery): Promise<Verdict> {
  const made = headersOf(env, means, delivery)
  if (!made.ok) return { requestHeaders: {}, answer: undefined, error: made.because }
  const { requestHeaders } = made
  try {
    const answer = await client({
      method: 'POST',
      url: delivery.url,
      headers: requestHeaders,
      body: delivery.body,
      timeoutMs: TOTAL_TIMEOUT_MS,
      maxResponseBytes: MAX_ANSWER_BYTES,
    })
    return { requestHeaders, answer, error: refusalOf(answer, `the answer was ${answer.status}`) }
  } catch (error) {
    if (error instanceof CutAnswer) {
      return { requestHeaders, answer: error, error: refusalOf(error, `${error.message} (${error.status})`) }
    }
    return { requestHeaders, answer: undefined, error: error instanceof Error ? error.message : 'the call failed' }
  }
}

const refusalOf = ({ status }: Pick<HttpResponse, 'status'>, error: string): string | undefined =>
  status >= 200 && status < 300 ? undefined : error

type Headers = { readonly ok: true; readonly requestHeaders: Verdict['requestHeaders'] }

/** Each delivery names its number and the one before it to the same endpoint: whoever misses one sees it at once. */
function headersOf(
  env: Env,
  { sealer, doors }: Means,
  delivery: ClaimedDelivery,
): Headers | { readonly ok: false; readonly because: string } {
  const { tenant, eventId, body, shape, number, previousNumber } = delivery
  const door = doors[delivery.door]
  if (!door) return { ok: false, because: 'the front door of this endpoint tells no events' }
  const secrets = secretsOf(env, sealer, delivery)
  if (!secrets) return { ok: false, because: 'the signing secret cannot be opened' }
  const eventName = nameOf('event', tenant, eventId)
  const sentAtSeconds = Math.floor(env.now().getTime() / 1000)
  const own = door.headers({ tenant, eventId, eventName, number, sentAtSeconds, shape, body, secrets })
  const requestHeaders = {
    'user-agent': 'Opentill/1',
    ...own,
    'opentill-event-number': number.toString(),
    ...(previousNumber === null ? {} : { 'opentill-previous-number': previousNumber.toString() }),
  }
  return { ok: true, requestHeaders }
}

/** Newest first. The one before it signs as well until its time is over, by the clock. */
function secretsOf(
  env: Env,
  sealer: Means['sealer'],
  { tenant, sealedSecret, sealedPrevious, previousUntil }: ClaimedDelivery,
): readonly string[] | undefined {
  const secret = sealer.open(tenant, sealedSecret)
  if (secret === undefined) return undefined
  const overlaps = sealedPrevious && previousUntil && previousUntil > env.now()
  const previous = overlaps ? sealer.open(tenant, sealedPrevious) : undefined
  return previous === undefined ? [secret] : [secret, previous]
}
