import type { Connector } from '../connectors/contract.ts'
import type { Billing, CardFacts, Charge } from '../core/charge.ts'
import { isLive, newUuid, type Tenant, type Uuid } from '../core/ids.ts'
import { step } from '../core/machine.ts'
import type { Operation } from '../core/operation.ts'
import type { Payment } from '../core/payment.ts'
import type { PaymentMethod } from '../core/payment-method.ts'
import type { Collected, Session } from '../core/session.ts'
import { SESSION_MACHINE } from '../core/session-machine.ts'
import type { Attempt } from '../core/settlement.ts'
import type { ThreeDSecureWish } from '../core/three-d-secure.ts'
import type { WriteSet } from '../storage/commit.ts'
import { type Context, tell } from './call.ts'
import { captures, connectorFor } from './charging.ts'

export type ConfirmInput = {
  readonly tenant: Tenant
  readonly sessionId: Uuid
  /** The try that the form was rendered for: a form can be spent once. */
  readonly attempt: number
  readonly token: { readonly id: Uuid; readonly card: CardFacts }
  readonly collected: Collected
  /** The method whose card this is, where it was not typed on the page, and the row that its use changes. */
  readonly method?: { readonly id: Uuid; readonly changed: readonly PaymentMethod[] }
  /** Left out where the shopper's browser cannot be sent to the issuer. */
  readonly threeDSecure?: ThreeDSecureWish
}

export type Begun =
  | { readonly is: 'begun'; readonly attempt: Attempt; readonly connector: Connector }
  /** Another window, another click or the clock was first: show the session as it is. */
  | { readonly is: 'too_late' }
  /** No connector may serve this account in this mode. */
  | { readonly is: 'unavailable' }

/**
 * The shopper pressed Pay. One commit moves the session to `processing` and writes the payment, the charge and the
 * order to the provider; nothing has left the house yet. Whoever loses the compare-and-set has charged nothing.
 */
export async function beginAttempt(
  context: Context & { readonly connectors: readonly Connector[] },
  input: ConfirmInput,
): Promise<Begun> {
  const connector = connectorFor(context.connectors, isLive(input.tenant))
  if (!connector) return { is: 'unavailable' }
  const view = await context.storage.findSessionView(input.tenant, input.sessionId)
  const now = context.env.now()
  if (!view || view.session.tries !== input.attempt || view.session.expiresAt <= now) return { is: 'too_late' }
  const moved = step(SESSION_MACHINE, view.session.state, 'confirm')
  if (moved.is !== 'moved') return { is: 'too_late' }

  const session: Session = {
    ...view.session,
    version: view.session.version + 1,
    state: moved.to,
    tries: view.session.tries + 1,
    document: { ...view.session.document, collected: { ...view.session.document.collected, ...input.collected } },
  }
  const { method } = input
  const payment = paymentOf(session, view.payment, newUuid(context.env), method?.id)
  const billing = billingOf(session.document.collected)
  const begun = {
    ...{ session, payment, connector, attempt: session.tries, token: input.token, billing },
    ...(method ? { methodId: method.id } : {}),
  }
  const attempt = attemptFor(context, begun, now)
  const set = writeSetOf(context, attempt)
  const committed = await context.storage.commit(method ? { ...set, methods: method.changed } : set)
  if (committed.ok) return { is: 'begun', attempt, connector }
  if (committed.conflict === 'constraint' && !TAKEN.includes(committed.constraint)) {
    throw new Error(`the constraint ${committed.constraint} refused an attempt that was decided to be right`)
  }
  return { is: 'too_late' }
}

/** What two confirms of one session may run into, beside the session's own version. */
const TAKEN: readonly string[] = ['payments_pkey', 'payments_session', 'charges_one_live', 'charges_attempt']

export type NewAttempt = {
  readonly session: Session | null
  /** As it is with the attempt, which is its latest charge. */
  readonly payment: Payment & { readonly latestChargeId: Uuid }
  readonly connector: Connector
  /** 1, 2, … per payment. */
  readonly attempt: number
  readonly token: ConfirmInput['token']
  readonly billing: Billing
  readonly methodId?: Uuid
  readonly unattended?: boolean
}

/** The charge and the order that begin an attempt, ready to be committed with its payment. */
export function attemptFor(
  context: Context,
  { session, payment, connector, attempt, token, billing, methodId, unattended }: NewAttempt,
  now: Date,
): Attempt {
  const chargeId = payment.latestChargeId
  const charge: Charge = {
    tenant: payment.tenant,
    id: chargeId,
    version: 1,
    paymentId: payment.id,
    customerId: payment.customerId,
    leg: 0,
    attempt,
    state: 'intent',
    connector: connector.id,
    providerId: null,
    tokenId: token.id,
    currency: payment.currency,
    amount: payment.amount,
    captureOrdered: captures(payment) ? payment.amount : 0n,
    refundOrdered: 0n,
    authorized: 0n,
    captured: 0n,
    refunded: 0n,
    held: 0n,
    refundedElsewhere: 0n,
    disputed: 0n,
    lookAt: null,
    createdAt: now,
    document: {
      card: token.card,
      billing,
      ...(methodId === undefined ? {} : { methodId }),
      ...(unattended ? { unattended } : {}),
      ...copied(payment.document),
    },
  }
  const operation: Operation = {
    tenant: payment.tenant,
    id: newUuid(context.env),
    version: 1,
    chargeId,
    kind: 'authorize',
    sequence: 1,
    amount: charge.amount,
    currency: charge.currency,
    final: false,
    state: 'intent',
    // Derived from the row, never from a clock or a retry counter: whoever sends it again sends the same key.
    providerKey: `authorize-${chargeId}`,
    providerKeyValidUntil: new Date(now.getTime() + connector.can.idempotencyWindowMs),
    fence: 0,
    createdAt: now,
    askAt: new Date(now.getTime() + FIRST_ASK_MS),
    asked: 0,
    absentSince: null,
    document: {},
  }
  return { session, payment, charge, operation, orders: [], refunds: [], disputes: [] }
}

/** The request that made an order waits for its answer; the sweeper comes after that. */
const FIRST_ASK_MS = 60_000

function paymentOf(
  session: Session,
  earlier: Payment | null,
  chargeId: Uuid,
  methodId: Uuid | undefined,
): NewAttempt['payment'] {
  const paidWith = methodId === undefined ? {} : { methodId }
  if (earlier) {
    const { lastError: _, methodId: __, ...document } = earlier.document
    return {
      ...earlier,
      version: earlier.version + 1,
      state: 'processing',
      reserved: earlier.amount,
      latestChargeId: chargeId,
      document: { ...document, ...paidWith },
    }
  }
  const { captureMethod = 'automatic', ...template } = session.document.paymentTemplate ?? {}
  return {
    tenant: session.tenant,
    id: session.paymentId,
    version: 1,
    purpose: 'pay',
    state: 'processing',
    sessionId: session.id,
    customerId: session.customerId,
    amount: session.amountTotal,
    currency: session.currency,
    reserved: session.amountTotal,
    latestChargeId: chargeId,
    secret: session.secret,
    canceledAt: null,
    cancellationReason: null,
    // Its id was reserved then, and ids carry their time: lists by id are lists by this.
    createdAt: session.createdAt,
    document: { ...template, ...paidWith, captureMethod },
  }
}

function billingOf(collected: Collected | undefined): Billing {
  return {
    ...(collected?.name === undefined ? {} : { name: collected.name }),
    ...(collected?.email === undefined ? {} : { email: collected.email }),
    ...(collected?.phone === undefined ? {} : { phone: collected.phone }),
    ...(collected?.billing === undefined ? {} : { address: collected.billing }),
  }
}

/** What a charge repeats of its payment, frozen at the attempt. */
function copied(document: Payment['document']): Partial<Charge['document']> {
  const { description, metadata, receiptEmail, shipping, statementDescriptor, statementDescriptorSuffix } = document
  const copies = { description, metadata, receiptEmail, shipping, statementDescriptor, statementDescriptorSuffix }
  return Object.fromEntries(Object.entries(copies).filter(([, value]) => value !== undefined))
}

function writeSetOf(context: Context, { session, payment, charge, operation }: Attempt): WriteSet {
  const first = payment.version === 1
  const place = { root: payment.id, rootVersion: 1, ordinal: 1 }
  const snapshot = { is: 'payment', v: 1, payment, charge } as const
  return {
    sessions: session ? [session] : [],
    payments: [payment],
    charges: [charge],
    operations: [operation],
    events: first ? [tell(context.env, payment.tenant, 'payment_intent.created', place, snapshot)] : [],
  }
}
