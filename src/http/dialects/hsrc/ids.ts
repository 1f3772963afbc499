import type { Caller } from '../../../core/account.ts'
import type { Charge } from '../../../core/charge.ts'
import { nameOf, PREFIXES, parseName, type Tenant, type Uuid } from '../../../core/ids.ts'
import type { Payment } from '../../../core/payment.ts'
import type { Session } from '../../../core/session.ts'
import type { Storage } from '../../../storage/storage.ts'
import { Refused } from '../../errors.ts'

const PAYMENT = 'pay_'
const PLAN = 'rp_'

/**
 * A session's payment is known here before anybody tries to pay, when it has no row yet: so it goes by the session's
 * number, and every other payment by its own.
 */
export const paymentId = ({ tenant, id, sessionId }: Pick<Payment, 'tenant' | 'id' | 'sessionId'>): string =>
  named(PAYMENT, tenant, sessionId ?? id)
export const paymentIdOfSession = ({ tenant, id }: Pick<Session, 'tenant' | 'id'>): string => named(PAYMENT, tenant, id)
export const planId = (payment: Pick<Payment, 'tenant' | 'id' | 'sessionId'>): string =>
  named(PLAN, payment.tenant, payment.sessionId ?? payment.id)

const named = (prefix: string, tenant: Tenant, id: Uuid): string =>
  prefix + nameOf('payment', tenant, id).slice(PREFIXES.payment.length)

/** A payment with what is around it; one that nobody has tried to make yet is a session alone. */
export type PaymentFacts =
  | { readonly payment: Payment; readonly charge: Charge | null; readonly session: Session | null }
  | { readonly payment: null; readonly charge: null; readonly session: Session }

/** The caller's own payment by its id here, a plan's id, or the id that the native door has for it. */
export async function requirePayment(
  storage: Storage,
  caller: Caller,
  text: string,
  param = 'id',
): Promise<PaymentFacts> {
  const prefix = [PAYMENT, PLAN, PREFIXES.payment].find((one) => text.startsWith(one)) ?? ''
  const name = prefix === '' ? undefined : parseName('payment', PREFIXES.payment + text.slice(prefix.length))
  const facts = name?.tenant === caller.tenant ? await findPayment(storage, caller.tenant, name.id) : undefined
  if (!facts) throw new Refused({ code: 'resource_missing', param, detail: text, noun: 'payment' })
  return facts
}

async function findPayment(storage: Storage, tenant: Tenant, id: Uuid): Promise<PaymentFacts | undefined> {
  const payment = await storage.findPayment(tenant, id)
  const sessionId = payment ? payment.sessionId : id
  if (sessionId !== null) {
    const view = await storage.findSessionView(tenant, sessionId)
    if (view) return view.payment ? { ...view, payment: view.payment } : { ...view, payment: null, charge: null }
  }
  if (!payment) return undefined
  const charge = payment.latestChargeId ? await storage.findCharge(tenant, payment.latestChargeId) : undefined
  return { payment, charge: charge ?? null, session: null }
}
