import type { Connector } from '../connectors/contract.ts'
import { isLive, newUuid, type Uuid } from '../core/ids.ts'
import type { Payment } from '../core/payment.ts'
import type { PaymentMethod } from '../core/payment-method.ts'
import type { Attempt } from '../core/settlement.ts'
import { type Call, tell } from './call.ts'
import { connectorFor } from './charging.ts'
import { attemptFor } from './confirm.ts'
import { beforeTry, MOST_TRIES } from './contend.ts'
import {
  type Chosen,
  choose,
  type MethodChoice,
  type NewPayment,
  newPayment,
  unconfirmable,
  withoutMark,
} from './create-payment.ts'
import { inTurn } from './in-turn.ts'
import { type Answer, findAnswer, undecidedKey } from './once.ts'
import { authorize, type Payments } from './pay.ts'
import type { MethodsContext } from './payment-methods.ts'
import { done, type Result, refuse } from './refusals.ts'

export type PaymentsContext = Payments & MethodsContext

/** What is confirmed: a payment that exists, or one that the same request makes. */
type Target = { readonly paymentId: Uuid; readonly method?: MethodChoice } | { readonly made: NewPayment }
type Begun = { readonly attempt: Attempt; readonly connector: Connector }

export const confirmPayment = (
  context: PaymentsContext,
  call: Call,
  paymentId: Uuid,
  method?: MethodChoice,
): Promise<Result<Answer>> => confirmTarget(context, call, { paymentId, ...(method ? { method } : {}) })

export const createConfirmed = (context: PaymentsContext, call: Call, made: NewPayment): Promise<Result<Answer>> =>
  confirmTarget(context, call, { made })

/**
 * Transaction, network, transaction, as on the page: payment, charge, order, method and the undecided key are committed,
 * then the order leaves, then its outcome is committed together with the key's answer.
 */
async function confirmTarget(context: PaymentsContext, call: Call, target: Target): Promise<Result<Answer>> {
  const turn = 'paymentId' in target ? target.paymentId : call.requestId
  const begun = await inTurn(context.storage, turn, () => begin(context, call, target))
  if (!('begun' in begun)) return begun
  const { payment, charge } = await authorize(context, begun.begun)
  return done({ snapshot: { is: 'payment', v: 1, payment, charge }, replayed: false })
}

async function begin(
  context: PaymentsContext,
  call: Call,
  target: Target,
): Promise<{ readonly begun: Begun } | Result<Answer>> {
  const { env, storage } = context
  const earlier = await findAnswer(context, call)
  if (earlier) return earlier
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    await beforeTry(env, tries)
    const ready = await prepare(context, call, target)
    // A twin of this request may have been done meanwhile: what it did is what refuses us now.
    if (!ready.ok) return (await findAnswer(context, call)) ?? ready
    const connector = connectorFor(context.connectors, isLive(call.caller.tenant))
    if (!connector) return refuse('payment_provider_missing')
    const attempt = answering(call, begunWith(context, ready.value, connector))
    const key = undecidedKey(context, call, attempt.payment.id)
    const committed = await storage.commit({
      methods: spent(ready.value.method),
      payments: [attempt.payment],
      charges: [attempt.charge],
      operations: [attempt.operation],
      events: created(context, call, attempt),
      ...(key ? { idempotency: key } : {}),
    })
    if (committed.ok) return { begun: { attempt, connector } }
    if (committed.conflict === 'key_used') return (await findAnswer(context, call)) ?? refuse('stale')
    // Somebody else was first, which a version or a rule of the database says: decide again on what is stored now.
  }
  return refuse('stale')
}

type Ready = {
  readonly payment: Payment
  /** How many charges it has had. */
  readonly tries: number
  readonly method: Chosen
}

async function prepare(context: PaymentsContext, call: Call, target: Target): Promise<Result<Ready>> {
  const { storage } = context
  if ('made' in target) {
    const made = await newPayment(context, call, target.made)
    if (!made.ok) return made
    const { payment, method } = made.value
    return method ? done({ payment, tries: 0, method }) : refuse('parameter_missing', 'payment_method')
  }
  const payment = await storage.findPayment(call.caller.tenant, target.paymentId)
  if (!payment) return refuse('resource_missing', 'payment_intent')
  const wrong = unconfirmable(payment)
  if (wrong) return wrong
  const known = payment.state === 'requires_confirmation' ? payment.document.methodId : undefined
  const choice = target.method ?? (known && { id: known })
  if (!choice) return refuse('parameter_missing', 'payment_method')
  const method = await choose(context, call, choice, payment.customerId)
  if (!method.ok) return method
  const latest = payment.latestChargeId ? await storage.findCharge(payment.tenant, payment.latestChargeId) : undefined
  return done({
    payment: { ...payment, version: payment.version + 1 },
    tries: latest?.attempt ?? 0,
    method: method.value,
  })
}

function begunWith(context: PaymentsContext, { payment, tries, method }: Ready, connector: Connector): Attempt {
  const { lastError: _, ...document } = payment.document
  const paying = {
    ...payment,
    state: 'processing' as const,
    reserved: payment.amount,
    latestChargeId: newUuid(context.env),
    document: { ...document, methodId: method.id },
  }
  const { card, billing = {} } = method.document
  const token = { id: method.tokenId, card }
  const begun = { session: null, payment: paying, connector, attempt: tries + 1, token, billing, methodId: method.id }
  return attemptFor(context, begun, context.env.now())
}

/** A method that no customer keeps pays once. */
function spent(method: Chosen): readonly PaymentMethod[] {
  const row = withoutMark(method)
  if (method.isNew) return [{ ...row, state: 'spent' }]
  return row.state === 'fresh' ? [{ ...row, version: row.version + 1, state: 'spent' }] : []
}

/** The order remembers whose key waits for it. */
function answering(call: Call, attempt: Attempt): Attempt {
  if (!call.key) return attempt
  const answers = { door: call.caller.door, key: call.key.key }
  return { ...attempt, operation: { ...attempt.operation, document: { answers } } }
}

function created({ env }: PaymentsContext, call: Call, { payment, charge }: Attempt) {
  if (payment.version !== 1) return []
  const place = { root: payment.id, rootVersion: 1, ordinal: 1 }
  return [
    tell(env, payment.tenant, 'payment_intent.created', place, { is: 'payment', v: 1, payment, charge }, { call }),
  ]
}
