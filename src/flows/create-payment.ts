import { settingsOf } from '../core/account.ts'
import type { Currency } from '../core/currencies.ts'
import { newUuid, type Tenant, type Uuid } from '../core/ids.ts'
import { changeMetadata, type MetadataChange } from '../core/metadata.ts'
import { minimumCharge } from '../core/minimum-charges.ts'
import { sayMoney } from '../core/money.ts'
import type { Payment, PaymentDocument } from '../core/payment.ts'
import { isUsable, type PaymentMethod } from '../core/payment-method.ts'
import type { PaymentTemplate } from '../core/session.ts'
import { type Call, tell } from './call.ts'
import { type Answer, once } from './once.ts'
import { type MethodsContext, type NewMethod, newMethod } from './payment-methods.ts'
import { done, type Result, refuse } from './refusals.ts'

/** A method by its name, a card that came with the request, or the method that was made of it. */
export type MethodChoice = { readonly id: Uuid } | { readonly made: NewMethod } | { readonly taken: Chosen }

export type NewPayment = PaymentTemplate &
  Pick<PaymentDocument, 'dialect' | 'door'> & {
    readonly amount: bigint
    readonly currency: Currency
    readonly customerId?: Uuid
    readonly method?: MethodChoice
  }

/** A payment of the API alone: no page, no session. Nothing is charged until it is confirmed. */
export function createPayment(context: MethodsContext, call: Call, input: NewPayment): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const made = await newPayment(context, call, input)
    if (!made.ok) return made
    const { payment, method } = made.value
    const snapshot = { is: 'payment', v: 1, payment, charge: null } as const
    const place = { root: payment.id, rootVersion: 1, ordinal: 1 }
    const event = tell(context.env, payment.tenant, 'payment_intent.created', place, snapshot, { call })
    const methods = method?.isNew ? [withoutMark(method)] : []
    return done({
      set: { methods, payments: [payment], events: [event] },
      objectId: payment.id,
      snapshot,
      eventId: event.id,
    })
  })
}

/** A method as a request chose it, and whether it is stored already. */
export type Chosen = PaymentMethod & { readonly isNew: boolean }

export const withoutMark = ({ isNew: _, ...method }: Chosen): PaymentMethod => method

export async function newPayment(
  context: MethodsContext,
  call: Call,
  input: NewPayment,
): Promise<Result<{ readonly payment: Payment; readonly method: Chosen | undefined }>> {
  const { env, storage } = context
  const { tenant } = call.caller
  const { amount, currency, customerId, method: choice, ...template } = input
  const wrong = amountRefused(amount, currency)
  if (wrong) return wrong
  const nobody = await customerRefused(context, tenant, customerId)
  if (nobody) return nobody
  const account = await storage.findAccount(tenant)
  if (!account) throw new Error('a key without an account')
  const method = choice && (await choose(context, call, choice, customerId ?? null))
  if (method && !method.ok) return method
  const { statementDescriptor } = settingsOf(account, tenant)
  const document: PaymentDocument = {
    ...(statementDescriptor === undefined ? {} : { statementDescriptor }),
    ...template,
    captureMethod: template.captureMethod ?? 'automatic',
    ...(method ? { methodId: method.value.id } : {}),
  }
  const payment: Payment = {
    tenant,
    id: newUuid(env),
    version: 1,
    purpose: 'pay',
    state: method ? 'requires_confirmation' : 'requires_payment_method',
    sessionId: null,
    customerId: customerId ?? null,
    amount,
    currency,
    reserved: 0n,
    latestChargeId: null,
    secret: env.randomBytes(16),
    canceledAt: null,
    cancellationReason: null,
    createdAt: env.now(),
    document,
  }
  return done({ payment, method: method?.value })
}

/** The method that a request names or brings, fit to pay for this customer. */
export async function choose(
  context: MethodsContext,
  call: Call,
  choice: MethodChoice,
  customerId: Uuid | null,
): Promise<Result<Chosen>> {
  if ('taken' in choice) return done(choice.taken)
  if ('made' in choice) {
    const made = await newMethod(context, call, choice.made)
    return made.ok ? done({ ...made.value, isNew: true }) : made
  }
  const method = await context.storage.findMethod(call.caller.tenant, choice.id)
  if (!method) return refuse('resource_missing', 'payment_method')
  if (!isUsable(method, customerId, context.env.now())) return refuse('payment_method_unusable', 'payment_method')
  return done({ ...method, isNew: false })
}

type Document = Omit<PaymentTemplate, 'metadata'>

/** Null unsets a field; a field that is left out stays. */
export type PaymentChanges = {
  readonly amount?: bigint
  readonly customerId?: Uuid
  readonly metadata?: MetadataChange
  readonly method?: MethodChoice
  readonly document: { readonly [K in keyof Document]?: Document[K] | null }
}

/**
 * Changes a payment. What a charge is made of stands still while there is one, and is the session's where one offers the
 * payment; what the shop keeps beside it may change at any time.
 */
export function updatePayment(
  context: MethodsContext,
  call: Call,
  id: Uuid,
  changes: PaymentChanges,
): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const before = await context.storage.findPayment(call.caller.tenant, id)
    if (!before) return refuse('resource_missing')
    const wrong = isCharged(changes) ? unconfirmable(before) : undefined
    if (wrong) return wrong
    const amount = changes.amount ?? before.amount
    const small = changes.amount === undefined ? undefined : amountRefused(amount, before.currency as Currency)
    if (small) return small
    const customerId = changes.customerId ?? before.customerId
    const nobody = await customerRefused(context, before.tenant, changes.customerId)
    if (nobody) return nobody
    const method = changes.method && (await choose(context, call, changes.method, customerId))
    if (method && !method.ok) return method
    const payment: Payment = {
      ...before,
      version: before.version + 1,
      amount,
      customerId,
      state: method ? 'requires_confirmation' : before.state,
      document: documentAfter(before.document, changes, method?.value.id),
    }
    const charge = payment.latestChargeId
      ? await context.storage.findCharge(payment.tenant, payment.latestChargeId)
      : undefined
    const methods = method?.value.isNew ? [withoutMark(method.value)] : []
    const snapshot = { is: 'payment', v: 1, payment, charge: charge ?? null } as const
    return done({ set: { methods, payments: [payment] }, objectId: id, snapshot })
  })
}

/** Whether a change reaches what is charged. */
function isCharged({ amount, customerId, method, document }: PaymentChanges): boolean {
  const { captureMethod, requestThreeDSecure, statementDescriptor, statementDescriptorSuffix } = document
  const said = [captureMethod, requestThreeDSecure, statementDescriptor, statementDescriptorSuffix]
  return [amount, customerId, method, ...said].some((value) => value !== undefined)
}

async function customerRefused({ storage }: MethodsContext, tenant: Tenant, id: Uuid | undefined) {
  const customer = id && (await storage.findCustomer(tenant, id))
  if (id && !customer) return refuse('resource_missing', 'customer')
  return customer?.deleted ? refuse('customer_deleted', 'customer') : undefined
}

/** The document with what a request changes of it. */
export function documentAfter(
  before: PaymentDocument,
  changes: Pick<PaymentChanges, 'document' | 'metadata'>,
  methodId: Uuid | undefined,
): PaymentDocument {
  const merged = Object.entries({ ...before, ...changes.document }).filter(([, value]) => value !== null)
  return {
    ...(Object.fromEntries(merged) as PaymentDocument),
    ...(changes.metadata === undefined ? {} : { metadata: changeMetadata(before.metadata, changes.metadata) }),
    ...(methodId === undefined ? {} : { methodId }),
  }
}

/** Why a payment cannot be changed or confirmed, where it cannot. */
export function unconfirmable({ state, sessionId }: Payment): ReturnType<typeof refuse> | undefined {
  if (sessionId !== null) {
    return refuse('payment_intent_unexpected_state', undefined, 'its Checkout Session collects it')
  }
  if (state === 'requires_payment_method' || state === 'requires_confirmation') return undefined
  return refuse('payment_intent_unexpected_state', undefined, `it has a status of ${state}`)
}

function amountRefused(amount: bigint, currency: Currency): ReturnType<typeof refuse> | undefined {
  const least = minimumCharge(currency)
  if (amount >= least) return undefined
  return refuse('amount_too_small', 'amount', `it must be at least ${sayMoney(least, currency)}`)
}
