import type { ClaimedDelivery, DeliveryOutcome } from '../core/delivery.ts'
import { pauseAfter } from '../core/delivery-schedule.ts'
import type { Env, HttpClient } from '../core/env.ts'
import { nameOf } from '../core/ids.ts'
import type { SecretSealer } from './endpoint-secret.ts'
import { CutAnswer } from './exchange.ts'
import { signatureHeaders } from './sign.ts'

const TOTAL_TIMEOUT_MS = 15_000
const MAX_ANSWER_BYTES = 64 * 1024

type Verdict =
  | { readonly ok: true; readonly status: number }
  | { readonly ok: false; readonly status: number | null; readonly error: string }

/**
 * Makes one try and says what becomes of the delivery. Any 2xx is a yes, whatever follows it; all else is a no, redirects
 * included (Standard Webhooks 1.0.0, "Webhook delivery"), and is tried again after a growing pause.
 */
export async function attempt(
  env: Env,
  client: HttpClient,
  sealer: Pick<SecretSealer, 'open'>,
  delivery: ClaimedDelivery,
): Promise<DeliveryOutcome> {
  const verdict = await send(env, client, sealer, delivery)
  if (verdict.ok) return { state: 'delivered', at: env.now(), status: verdict.status }
  const { status, error } = verdict
  const pauseMs = pauseAfter(delivery.tries + 1, env.randomBytes(4))
  if (pauseMs === undefined) return { state: 'failed', status, error }
  return { state: 'pending', nextAt: new Date(env.now().getTime() + pauseMs), status, error }
}

async function send(
  env: Env,
  client: HttpClient,
  sealer: Pick<SecretSealer, 'open'>,
  { tenant, eventId, url, body, sealedSecret }: ClaimedDelivery,
): Promise<Verdict> {
  const secret = sealer.open(tenant, sealedSecret)
  if (secret === undefined) return { ok: false, status: null, error: 'the signing secret cannot be opened' }
  try {
    const signed = signatureHeaders({
      eventName: nameOf('event', tenant, eventId),
      sentAtSeconds: Math.floor(env.now().getTime() / 1000),
      body,
      secrets: [secret],
    })
    const answer = await client({
      method: 'POST',
      url,
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'Opentill/1', ...signed },
      body,
      timeoutMs: TOTAL_TIMEOUT_MS,
      maxResponseBytes: MAX_ANSWER_BYTES,
    })
    return judge(answer.status, `the answer was ${answer.status}`)
  } catch (error) {
    if (error instanceof CutAnswer) return judge(error.status, `${error.message} (${error.status})`)
    return { ok: false, status: null, error: error instanceof Error ? error.message : 'the call failed' }
  }
}

function judge(status: number, error: string): Verdict {
  return status >= 200 && status < 300 ? { ok: true, status } : { ok: false, status, error }
}
