import type { Charge } from '../../src/core/charge.ts'
import { newUuid, type Tenant } from '../../src/core/ids.ts'
import type { Operation } from '../../src/core/operation.ts'
import type { Payment } from '../../src/core/payment.ts'
import type { Session } from '../../src/core/session.ts'
import type { Attempt } from '../../src/core/settlement.ts'
import { testEnv } from './env.ts'

const env = testEnv({ seed: 'records' })
export const NOW = env.now()

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
    createdAt: NOW,
    expiresAt: new Date(NOW.getTime() + 86_400_000),
    completedAt: null,
    document: { lineItems: [] },
  }
  const payment = paymentOf(session, captureNow)
  const charge = chargeOf(payment, tries, captureNow)
  return { session, payment: { ...payment, latestChargeId: charge.id }, charge, operation: operationOf(charge) }
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
    ...change,
  }
}
