import type { Attempt, Means } from '../../src/core/attempt.ts'
import type { Charge } from '../../src/core/charge.ts'
import { newUuid, type Tenant } from '../../src/core/ids.ts'
import type { Observation } from '../../src/core/observation.ts'
import type { Operation } from '../../src/core/operation.ts'
import type { Payment } from '../../src/core/payment.ts'
import type { Session } from '../../src/core/session.ts'
import type { News } from '../../src/core/settlement.ts'
import { testEnv } from './env.ts'

const env = testEnv({ seed: 'records' })
export const NOW = env.now()

/** What a decision needs of the world, at a moment after the records were made. */
export const meansAt = (afterMs = 0): Means => ({
  now: new Date(NOW.getTime() + afterMs),
  newId: () => newUuid(env),
  provider: { idempotencyWindowMs: 86_400_000, horizonMs: 900_000 },
})

/** A charge as its provider shows it: EUR 24.00, unless told otherwise. */
export function seenAs(state: Observation['state'], change: Partial<Observation> = {}): Observation {
  const captured = state === 'captured' ? 2400n : 0n
  const authorized = state === 'authorized' || state === 'captured' || state === 'voided' ? 2400n : 0n
  return { state, providerId: 'auth_1', authorized, captured, refunds: [], ...change }
}

/** What asking the provider came to. */
export const heard = (seen: News['seen'], change: Partial<News> = {}): News => ({
  seen,
  sent: 'asked',
  about: null,
  ...change,
})

/** A session whose shopper has just pressed Pay for the first time: nothing has left for the provider yet. */
export function attemptBegun(
  tenant = 15 as Tenant,
  { amount = 2400n, maxTries = 5, tries = 1, captureNow = true } = {},
): Attempt {
  const session: Session = {
    tenant,
    id: newUuid(env),
    version: 1,
    door: 'native',
    state: 'processing',
    closedBy: null,
    currency: 'EUR',
    amountSubtotal: amount,
    amountTotal: amount,
    customerId: null,
    paymentId: newUuid(env),
    secret: env.randomBytes(16),
    tries,
    maxTries,
    cancelEnds: false,
    linkNumber: null,
    createdAt: NOW,
    expiresAt: new Date(NOW.getTime() + 86_400_000),
    completedAt: null,
    document: { lineItems: [] },
  }
  const payment = paymentOf(session, captureNow)
  const charge = chargeOf(payment, tries, captureNow)
  return {
    session,
    payment: { ...payment, latestChargeId: charge.id },
    charge,
    operation: operationOf(charge),
    orders: [],
    refunds: [],
    disputes: [],
  }
}

/** The next attempt of the same session, begun after the given one was declined. */
export function nextAttempt(earlier: Attempt): Attempt {
  const tries = (earlier.session?.tries ?? 0) + 1
  const charge = chargeOf(earlier.payment, tries, true)
  return {
    session: earlier.session && {
      ...earlier.session,
      version: earlier.session.version + 1,
      state: 'processing',
      tries,
    },
    payment: {
      ...earlier.payment,
      version: earlier.payment.version + 1,
      state: 'processing',
      reserved: earlier.payment.amount,
      latestChargeId: charge.id,
    },
    charge,
    operation: operationOf(charge),
    orders: [],
    refunds: [],
    disputes: [],
  }
}

function paymentOf(session: Session, captureNow: boolean): Payment {
  return {
    tenant: session.tenant,
    id: session.paymentId,
    version: 1,
    purpose: 'pay',
    state: 'processing',
    sessionId: session.id,
    customerId: null,
    amount: session.amountTotal,
    currency: session.currency,
    reserved: session.amountTotal,
    latestChargeId: null,
    secret: session.secret,
    canceledAt: null,
    cancellationReason: null,
    createdAt: NOW,
    document: { captureMethod: captureNow ? 'automatic' : 'manual' },
  }
}

function chargeOf(payment: Payment, attempt: number, captureNow: boolean): Charge {
  return {
    tenant: payment.tenant,
    id: newUuid(env),
    version: 1,
    paymentId: payment.id,
    customerId: null,
    leg: 0,
    attempt,
    state: 'intent',
    connector: 'sandbox',
    providerId: null,
    tokenId: newUuid(env),
    currency: payment.currency,
    amount: payment.amount,
    captureOrdered: captureNow ? payment.amount : 0n,
    refundOrdered: 0n,
    authorized: 0n,
    captured: 0n,
    refunded: 0n,
    held: 0n,
    refundedElsewhere: 0n,
    disputed: 0n,
    lookAt: null,
    createdAt: NOW,
    document: {},
  }
}

export function operationOf(charge: Charge, change: Partial<Operation> = {}): Operation {
  return {
    tenant: charge.tenant,
    id: newUuid(env),
    version: 1,
    chargeId: charge.id,
    kind: 'authorize',
    sequence: 1,
    amount: charge.amount,
    currency: charge.currency,
    final: false,
    state: 'intent',
    providerKey: `authorize-${newUuid(env)}`,
    providerKeyValidUntil: new Date(NOW.getTime() + 86_400_000),
    fence: 0,
    createdAt: NOW,
    askAt: NOW,
    asked: 0,
    absentSince: null,
    document: {},
    ...change,
  }
}
