import { type EventDoors, isNamed } from '../../core/door-events.ts'
import type { Tenant, Uuid } from '../../core/ids.ts'
import { renderFor } from '../../events/plan.ts'
import { namedAddress } from '../../events/wants.ts'
import type { Call, Context } from '../call.ts'
import { type Answer, findAnswer, once } from '../once.ts'
import { done, type Result, refuse } from '../refusals.ts'

/** What telling needs besides: the names and the bytes that the front doors have for an event. */
export type TellingContext = Context & { readonly doors: EventDoors }

/** So much at once; whoever wants more asks again for the rest. */
const MOST_AT_ONCE = 10_000
/** And so much in one statement: its time grows with the square. */
const IN_ONE_STEP = 200

/**
 * Has an event sent to an endpoint once more, with the same id and bytes, a new time and new signatures.
 * @returns an answer with the event
 */
export function resendEvent(
  context: TellingContext,
  tenant: Tenant,
  eventId: Uuid,
  endpointId: Uuid,
  call?: Call,
): Promise<Result<Answer>> {
  const { env, storage, doors } = context
  return once(context, call, async () => {
    const told = await storage.findEvent(tenant, eventId)
    if (!told) return refuse('resource_missing')
    const endpoint = await storage.findEndpoint(tenant, endpointId)
    if (!endpoint || endpoint.deleted) return refuse('resource_missing', 'webhook_endpoint')
    if (endpoint.status === 'disabled') return refuse('endpoint_disabled', 'webhook_endpoint')
    const { event, number, pending } = told
    const url = isNamed(endpoint) ? namedAddress(endpoint, event) : undefined
    const nowhere = isNamed(endpoint) && url === undefined
    if (nowhere || doors[endpoint.door]?.typeOf(event) === undefined) {
      return refuse('event_not_told', 'webhook_endpoint', endpoint.door)
    }
    // Without a number it is about to go out for the first time.
    if (number !== null) {
      const body = renderFor(doors, endpoint, { event, number, pending: Math.max(1, pending) })
      await storage.resendDelivery(tenant, { event, number, endpointId, now: env.now(), body, url })
    }
    return done({ set: {}, objectId: endpointId, snapshot: event.snapshot, eventId })
  })
}

/** Has whoever listens with the Stripe CLI hear an event once more. @returns undefined when nobody does */
export async function resendToListeners(
  context: Context,
  eventId: Uuid,
  call: Call,
): Promise<Result<Answer> | undefined> {
  const { env, storage } = context
  const { tenant } = call.caller
  const earlier = await findAnswer(context, call)
  if (earlier) return earlier
  const told = await storage.findEvent(tenant, eventId)
  if (!told) return refuse('resource_missing')
  const { number, event } = told
  if (number !== null && (await storage.hearAgain(tenant, number, env.now())) === 0) return undefined
  return once(context, call, async () => done({ set: {}, objectId: eventId, snapshot: event.snapshot, eventId }))
}

export type ResendRange = { readonly from?: Date | undefined; readonly before?: Date | undefined }

/** Has all events of a range sent that an endpoint has not taken, oldest first, at a bounded pace. */
export async function resendUndelivered(
  context: Context,
  tenant: Tenant,
  endpointId: Uuid,
  range: ResendRange,
  call?: Call,
): Promise<Result<Answer & { readonly count: number; readonly hasMore: boolean }>> {
  const resent = await once(context, call, async () => {
    const hurried = await hurry(context, tenant, endpointId, range)
    if (!hurried.ok) return hurried
    const snapshot = { is: 'resend', v: 1, tenant, endpointId, ...hurried.value } as const
    return done({ set: {}, objectId: endpointId, snapshot })
  })
  if (!resent.ok) return resent
  const { snapshot } = resent.value
  if (snapshot.is !== 'resend') throw new Error('a key that stands for another answer')
  return done({ ...resent.value, count: snapshot.count, hasMore: snapshot.hasMore })
}

async function hurry(
  { env, storage }: Context,
  tenant: Tenant,
  endpointId: Uuid,
  { from, before }: ResendRange,
): Promise<Result<{ readonly count: number; readonly hasMore: boolean }>> {
  const endpoint = await storage.findEndpoint(tenant, endpointId)
  if (!endpoint || endpoint.deleted) return refuse('resource_missing')
  if (endpoint.status === 'disabled') return refuse('endpoint_disabled')
  const now = env.now()
  const range = { from: from ?? new Date(0), before: before ?? new Date(now.getTime() + 1), now, limit: IN_ONE_STEP }
  let [count, after] = [0, 0n]
  while (count < MOST_AT_ONCE) {
    const step = await storage.resendUndelivered(tenant, endpointId, { ...range, after, placed: count })
    count += step.count
    after = step.last
    if (step.count < IN_ONE_STEP) break
  }
  return done({ count, hasMore: count >= MOST_AT_ONCE })
}
