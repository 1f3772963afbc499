import type { Billing, CardRef } from '../core/charge.ts'
import { newUuid, type Uuid } from '../core/ids.ts'
import { changeMetadata, type MetadataChange } from '../core/metadata.ts'
import type { PaymentMethod } from '../core/payment-method.ts'
import type { Metadata } from '../core/session.ts'
import { type Call, type Context, tell } from './call.ts'
import { type CardDesk, type ClosedCard, takeCard } from './card-desk.ts'
import { type Answer, type Change, once } from './once.ts'
import { done, type Result, refuse } from './refusals.ts'

export type MethodsContext = Context & { readonly cards: CardDesk }

export type NewMethod = {
  readonly card: ClosedCard
  readonly billing?: Billing
  readonly metadata?: Metadata
}

/** A method for one payment; it is not stored yet, but its card is in the vault. */
export async function newMethod(
  { env, cards }: MethodsContext,
  call: Call,
  { card, billing, metadata }: NewMethod,
): Promise<Result<PaymentMethod>> {
  const { tenant } = call.caller
  const id = newUuid(env)
  const token = await takeCard(cards, tenant, id, card)
  if (!token.ok) return token
  return done({
    tenant,
    id,
    version: 1,
    state: 'fresh',
    customerId: null,
    tokenId: token.value.id,
    createdAt: env.now(),
    document: {
      card: token.value.card,
      ...(billing === undefined ? {} : { billing }),
      ...(metadata === undefined ? {} : { metadata }),
    },
  })
}

export function createMethod(context: MethodsContext, call: Call, input: NewMethod): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const made = await newMethod(context, call, input)
    if (!made.ok) return made
    const method = made.value
    return done({ set: { methods: [method] }, objectId: method.id, snapshot: { is: 'method', v: 1, method } })
  })
}

export type MethodChanges = { readonly billing?: Billing | null; readonly metadata?: MetadataChange }

export function updateMethod(
  context: Context,
  call: Call,
  id: Uuid,
  { billing, metadata }: MethodChanges,
): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const before = await context.storage.findMethod(call.caller.tenant, id)
    if (!before) return refuse('resource_missing')
    const { billing: earlier, ...document } = before.document
    const kept = billing === undefined ? earlier : (billing ?? undefined)
    const after: PaymentMethod = {
      ...before,
      version: before.version + 1,
      document: {
        ...document,
        ...(kept === undefined ? {} : { billing: kept }),
        ...(metadata === undefined ? {} : { metadata: changeMetadata(document.metadata, metadata) }),
      },
    }
    return changed(context, call, 'payment_method.updated', after, { document: before.document })
  })
}

/** A customer keeps the card: it can be used again and again, until it is detached. */
export function attachMethod(context: MethodsContext, call: Call, id: Uuid, customerId: Uuid): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { tenant } = call.caller
    const before = await context.storage.findMethod(tenant, id)
    if (!before) return refuse('resource_missing')
    const customer = await context.storage.findCustomer(tenant, customerId)
    if (!customer) return refuse('resource_missing', 'customer')
    if (customer.deleted) return refuse('customer_deleted', 'customer')
    if (before.state === 'attached' && before.customerId === customerId) {
      return done({ set: {}, objectId: id, snapshot: { is: 'method', v: 1, method: before } })
    }
    // The vault first: a method that says it is kept must not point to a card that was shredded.
    if (before.state !== 'fresh' || !(await context.cards.keep(refOf(before), true))) {
      // A payment may have spent it while we were attaching it: then nobody keeps its card.
      if (before.state === 'spent') await context.cards.keep(refOf(before), false)
      return refuse('payment_method_unusable')
    }
    const after: PaymentMethod = { ...before, version: before.version + 1, state: 'attached', customerId }
    return changed(context, call, 'payment_method.attached', after, { customerId: null })
  })
}

/** Takes a card in for a customer who keeps it from the beginning. */
export function attachNew(
  context: MethodsContext,
  call: Call,
  input: NewMethod,
  customerId: Uuid,
): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const customer = await context.storage.findCustomer(call.caller.tenant, customerId)
    if (!customer) return refuse('resource_missing', 'customer')
    if (customer.deleted) return refuse('customer_deleted', 'customer')
    const made = await newMethod(context, call, input)
    if (!made.ok) return made
    const method: PaymentMethod = { ...made.value, state: 'attached', customerId }
    if (!(await context.cards.keep(refOf(method), true))) return refuse('payment_method_unusable')
    return changed(context, call, 'payment_method.attached', method, { customerId: null })
  })
}

/** The card is shredded, and the method stays as a name for what was paid with it. */
export async function detachMethod(context: MethodsContext, call: Call, id: Uuid): Promise<Result<Answer>> {
  const answer = await once(context, call, async () => {
    const before = await context.storage.findMethod(call.caller.tenant, id)
    if (!before) return refuse('resource_missing')
    if (before.state !== 'attached') return refuse('payment_method_unusable', undefined, 'it is not attached')
    const after: PaymentMethod = { ...before, version: before.version + 1, state: 'spent', customerId: null }
    return changed(context, call, 'payment_method.detached', after, { customerId: before.customerId })
  })
  if (answer.ok && answer.value.snapshot.is === 'method') {
    const card = refOf(answer.value.snapshot.method)
    if (await context.cards.keep(card, false)) await context.cards.forget(card)
  }
  return answer
}

export const refOf = ({ tenant, id, tokenId }: PaymentMethod): CardRef => ({ tenant, owner: id, token: tokenId })

function changed(
  { env }: Context,
  call: Call,
  type: 'payment_method.attached' | 'payment_method.detached' | 'payment_method.updated',
  method: PaymentMethod,
  previous: Readonly<Record<string, unknown>>,
): Result<Change> {
  const snapshot = { is: 'method', v: 1, method } as const
  const place = { root: method.id, rootVersion: method.version, ordinal: 1 }
  const event = tell(env, method.tenant, type, place, snapshot, { call, previous })
  return done({ set: { methods: [method], events: [event] }, objectId: method.id, snapshot, eventId: event.id })
}
