import type { Connector } from '../connectors/contract.ts'
import { settingsOf } from '../core/account.ts'
import type { EventFact } from '../core/event.ts'
import { isLive, newUuid, type Uuid } from '../core/ids.ts'
import type { Payment } from '../core/payment.ts'
import type { PaymentMethod } from '../core/payment-method.ts'
import type { Attempt } from '../core/settlement.ts'
import type { ThreeDSecureWish } from '../core/three-d-secure.ts'
import { type Call, tell } from './call.ts'
import { challengeReturnUrl } from './challenge-visit.ts'
import { connectorFor } from './charging.ts'
import { attemptFor } from './confirm.ts'
import { mayTry } from './contend.ts'
import {
  type Chosen,
  choose,
  documentAfter,
  type MethodChoice,
  type NewPayment,
  newPayment,
  type PaymentChanges,
  unconfirmable,
  withoutMark,
} from './create-payment.ts'
import { giveUpChallenge } from './give-up-challenge.ts'
import { inTurn } from './in-turn.ts'
import { doubtOf } from './latest-attempt.ts'
import { type Answer, findAnswer, undecidedKey } from './once.ts'
import { authorize, type Payments } from './pay.ts'
import type { MethodsContext } from './payment-methods.ts'
import { done, type Result, refuse } from './refusals.ts'
import { returnUrlRefused } from './return-rules.ts'

export type PaymentsContext = Payments &
  MethodsContext & {
    /** Where shoppers reach the pages, for the one that takes them to their issuer. */
    readonly publicUrl: () => string
  }

/** What a confirmation says, beside what it confirms. */
export type Confirmation = {
  readonly method?: MethodChoice
  readonly document?: PaymentChanges['document']
  /** Where the shopper goes after the issuer's page. */
  readonly returnUrl?: string
  /**
   * Who is there to do what the issuer asks for: the shopper, unless said otherwise; `helpless`: somebody who cannot be
   * sent there, so that being asked is a decline; `absent`: nobody, so that 3-D Secure is not offered to begin with.
   */
  readonly shopper?: 'helpless' | 'absent'
}

/** What is confirmed: a payment that exists, or one that the same request makes. */
type Target = { readonly paymentId: Uuid } | { readonly made: NewPayment }
type Wanted = Confirmation & Target
type Begun = { readonly attempt: Attempt; readonly connector: Connector; readonly events: readonly EventFact[] }

export async function confirmPayment(
  context: PaymentsContext,
  call: Call,
  paymentId: Uuid,
  confirmation: Confirmation = {},
): Promise<Result<Answer>> {
  const ready = await letGo(context, call, paymentId, confirmation)
  return ready.ok ? confirmTarget(context, call, { paymentId, ...ready.value }) : ready
}

export const createConfirmed = (
  context: PaymentsContext,
  call: Call,
  made: NewPayment,
  confirmation: Omit<Confirmation, 'method'> = {},
): Promise<Result<Answer>> => confirmTarget(context, call, { made, ...confirmation })

/**
 * A shopper who did not go through with one card may take another: the attempt that still waits is given up, once it is
 * certain that something can take its place.
 */
async function letGo(
  context: PaymentsContext,
  call: Call,
  paymentId: Uuid,
  confirmation: Confirmation,
): Promise<Result<Confirmation>> {
  const payment = await context.storage.findPayment(call.caller.tenant, paymentId)
  const waits = payment?.state === 'requires_action' && payment.sessionId === null && payment.latestChargeId !== null
  if (!waits || !confirmation.method) return done(confirmation)
  // Looked for after the payment, whose waiting attempt may be this very request's, heard again.
  if (await findAnswer(context, call)) return done(confirmation)
  const astray = await returnRefused(context, call, confirmation)
  if (astray) return astray
  const method = await choose(context, call, confirmation.method, payment.customerId)
  if (!method.ok) return method
  await giveUpChallenge(context, payment.tenant, payment.latestChargeId)
  return done(method.value.isNew ? { ...confirmation, method: { taken: method.value } } : confirmation)
}

/**
 * Transaction, network, transaction, as on the page: payment, charge, order, method and the undecided key are committed,
 * then the order leaves, then its outcome is committed together with the key's answer.
 */
async function confirmTarget(context: PaymentsContext, call: Call, wanted: Wanted): Promise<Result<Answer>> {
  const turn = 'paymentId' in wanted ? wanted.paymentId : call.requestId
  const begun = await inTurn(context.storage, turn, () => begin(context, call, wanted))
  if (!('begun' in begun)) return begun
  const { attempt, events } = begun.begun
  const answered = await authorize(context, begun.begun, wishFor(context, attempt.payment, wanted))
  const refuses = answered.charge.state === 'requires_action' && answered.charge.document.unattended
  const given = refuses && (await giveUpChallenge(context, attempt.charge.tenant, attempt.charge.id))
  const { payment, charge } = given || answered
  return done({ snapshot: { is: 'payment', v: 1, payment, charge }, replayed: false, eventId: events[0]?.id })
}

/** Without a wish a card that requires 3-D Secure is declined. */
function wishFor(
  { publicUrl }: PaymentsContext,
  payment: Payment,
  { shopper }: Confirmation,
): ThreeDSecureWish | undefined {
  if (shopper === 'absent') return undefined
  return {
    returnUrl: challengeReturnUrl(publicUrl(), payment),
    request: payment.document.requestThreeDSecure ?? 'automatic',
  }
}

async function begin(
  context: PaymentsContext,
  call: Call,
  wanted: Wanted,
): Promise<{ readonly begun: Begun } | Result<Answer>> {
  const { env, storage } = context
  const earlier = await findAnswer(context, call)
  if (earlier) return earlier
  const since = env.monotonicMs()
  for (let tries = 0; await mayTry(env, since, tries); tries++) {
    const ready = await prepare(context, call, wanted)
    // A twin of this request may have been done meanwhile: what it did is what refuses us now.
    if (!ready.ok) return (await findAnswer(context, call)) ?? ready
    const connector = connectorFor(context.connectors, isLive(call.caller.tenant))
    if (!connector) return refuse('payment_provider_missing')
    const attempt = answering(call, begunWith(context, ready.value, wanted, connector))
    const key = undecidedKey(context, call, attempt.payment.id)
    const events = created(context, call, attempt)
    const committed = await storage.commit({
      methods: spent(ready.value.method),
      payments: [attempt.payment],
      charges: [attempt.charge],
      operations: [attempt.operation],
      events,
      ...(key ? { idempotency: key } : {}),
    })
    if (committed.ok) return { begun: { attempt, connector, events } }
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

async function prepare(context: PaymentsContext, call: Call, wanted: Wanted): Promise<Result<Ready>> {
  const { storage } = context
  const astray = await returnRefused(context, call, wanted)
  if (astray) return astray
  if ('made' in wanted) {
    const made = await newPayment(context, call, wanted.made)
    if (!made.ok) return made
    const { payment, method } = made.value
    return method ? done({ payment, tries: 0, method }) : refuse('parameter_missing', 'payment_method')
  }
  const payment = await storage.findPayment(call.caller.tenant, wanted.paymentId)
  if (!payment) return refuse('resource_missing', 'payment_intent')
  const wrong = unconfirmable(payment)
  if (wrong) return (await doubtOf(context, payment)) ?? wrong
  const known = payment.state === 'requires_confirmation' ? payment.document.methodId : undefined
  const choice = wanted.method ?? (known && { id: known })
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

async function returnRefused({ storage }: PaymentsContext, { caller }: Call, { returnUrl }: Confirmation) {
  if (returnUrl === undefined) return undefined
  const account = await storage.findAccount(caller.tenant)
  if (!account) throw new Error('a key without an account')
  return returnUrlRefused(caller.tenant, settingsOf(account, caller.tenant), 'return_url', returnUrl)
}

function begunWith(
  context: PaymentsContext,
  { payment, tries, method }: Ready,
  { document: changes = {}, returnUrl, shopper }: Confirmation,
  connector: Connector,
): Attempt {
  const { lastError: _, ...document } = documentAfter(payment.document, { document: changes }, method.id)
  const paying = {
    ...payment,
    state: 'processing' as const,
    reserved: payment.amount,
    latestChargeId: newUuid(context.env),
    document: returnUrl === undefined ? document : { ...document, returnUrl },
  }
  const { card, billing = {} } = method.document
  const token = { id: method.tokenId, card }
  const begun = {
    session: null,
    payment: paying,
    connector,
    attempt: tries + 1,
    token,
    billing,
    methodId: method.id,
    // A payment that the shop confirms again after the issuer's page has nobody to send there: one confirmation charges.
    unattended: shopper !== undefined || payment.document.confirmationMethod === 'manual',
  }
  return attemptFor(context, begun, context.env.now())
}

/** A method that no customer keeps pays once. */
export function spent(method: Chosen): readonly PaymentMethod[] {
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

function created({ env }: PaymentsContext, call: Call, { payment, charge }: Attempt): readonly EventFact[] {
  if (payment.version !== 1) return []
  const place = { root: payment.id, rootVersion: 1, ordinal: 1 }
  return [
    tell(env, payment.tenant, 'payment_intent.created', place, { is: 'payment', v: 1, payment, charge }, { call }),
  ]
}
