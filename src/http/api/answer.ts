import type { FastifyReply, FastifyRequest } from 'fastify'
import { parseName } from '../../core/ids.ts'
import type { Answer } from '../../flows/once.ts'
import type { Refusal, Result } from '../../flows/refusals.ts'
import { type Fault, Refused } from '../errors.ts'
import { type ApiDeps, callerOf, lookOf, type NamedKind, NOUNS } from './api.ts'
import { expandAll, renderPayments } from './expand.ts'
import { renderSnapshot } from './render/render-snapshot.ts'

/** What a flow answered, or its refusal thrown for the error handler to spell. */
export function accepted<T>(result: Result<T>, request: FastifyRequest, kind: NamedKind): T {
  if (result.ok) return result.value
  throw new Refused(faultFor(result.refusal, request, kind))
}

/** The same, and what refuses something about a payment shows the payment: that is where Stripe's clients look. */
export async function acceptedWithPayment<T>(
  deps: ApiDeps,
  request: FastifyRequest,
  kind: NamedKind,
  result: Result<T>,
): Promise<T> {
  if (result.ok || kind !== 'payment' || WITHOUT_PAYMENT.includes(result.refusal.code)) {
    return accepted(result, request, kind)
  }
  const { tenant } = callerOf(request)
  const { id: name = '' } = request.params as { readonly id?: string }
  const id = parseName('payment', name)?.id
  const [about] = await renderPayments(deps, tenant, id ? await deps.storage.readPayments(tenant, [id]) : [])
  const fault = faultFor(result.refusal, request, kind)
  throw new Refused(about ? { ...fault, about: { payment_intent: about } } : fault)
}

/** These are about the request. */
const WITHOUT_PAYMENT: readonly Refusal['code'][] = [
  'idempotency_key_in_use',
  'idempotency_mismatch',
  'resource_missing',
  'stale',
]

/** A flow knows parameters, not what the path said: a missing object that it does not place is the path's. */
function faultFor(refusal: Refusal, request: FastifyRequest, kind: NamedKind): Fault {
  if (refusal.code !== 'resource_missing') return refusal
  const { param } = refusal
  const { id } = request.params as { readonly id?: string }
  if (id !== undefined && (param === undefined || param === 'id' || param === kind || param === NOUNS[kind])) {
    return { code: 'resource_missing', param: 'id', detail: id, noun: NOUNS[kind] }
  }
  return { ...refusal, detail: refusal.detail ?? String(valueAt(request.body, param ?? '') ?? '') }
}

/** `line_items[0][price]` of the request as it was read. */
function valueAt(body: unknown, param: string): unknown {
  const keys = param.match(/[^[\]]+/g) ?? []
  return keys.reduce<unknown>((value, key) => (value as Readonly<Record<string, unknown>> | undefined)?.[key], body)
}

/** The object that a change left, as it was when the change was made: a repeated request reads the first answer. */
export async function answerChange<T>(
  deps: ApiDeps,
  request: FastifyRequest,
  reply: FastifyReply,
  kind: Exclude<NamedKind, 'account' | 'attempt' | 'charge' | 'event' | 'movement'>,
  result: Result<Answer>,
): Promise<T> {
  const answer = await acceptedWithPayment(deps, request, kind, result)
  if (answer.replayed) markReplay(reply, answer)
  const rendered = renderSnapshot(answer.snapshot, lookOf(deps))
  const { expand } = (request.body ?? {}) as { readonly expand?: readonly string[] }
  await expandAll(deps, callerOf(request).tenant, kind, [rendered], expand)
  return rendered as T
}

export function markReplay(reply: FastifyReply, answer: Answer): void {
  reply.header('idempotent-replayed', 'true')
  if (answer.originalRequest) reply.header('original-request', answer.originalRequest)
}
