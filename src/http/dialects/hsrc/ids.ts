import type { Caller } from '../../../core/account.ts'
import type { Charge } from '../../../core/charge.ts'
import { nameOf, PREFIXES, parseName, type Tenant, type Uuid } from '../../../core/ids.ts'
import type { Payment } from '../../../core/payment.ts'
import type { Session } from '../../../core/session.ts'
import type { SessionView } from '../../../storage/sessions.ts'
import type { Storage } from '../../../storage/storage.ts'
import { Refused } from '../../errors.ts'

const SESSION = 'cks_'
const PAYMENT = 'pay_'
const PLAN = 'rp_'

/**
 * A session's payment is known here before anybody tries to pay, when it has no row yet: so it goes by the session's
 * number, and every other payment by its own.
 */
export const paymentId = ({ tenant, id, sessionId }: Pick<Payment, 'tenant' | 'id' | 'sessionId'>): string =>
  named(PAYMENT, tenant, sessionId ?? id)
export const paymentIdOfSession = ({ tenant, id }: Pick<Session, 'tenant' | 'id'>): string => named(PAYMENT, tenant, id)
/** A name of this door's own: our other doors' names of a session open nothing here. */
export const sessionId = ({ tenant, id }: Pick<Session, 'tenant' | 'id'>): string => named(SESSION, tenant, id)
export const planId = (payment: Pick<Payment, 'tenant' | 'id' | 'sessionId'>): string =>
  named(PLAN, payment.tenant, payment.sessionId ?? payment.id)

const named = (prefix: string, tenant: Tenant, id: Uuid): string =>
  prefix + nameOf('payment', tenant, id).slice(PREFIXES.payment.length)

/** A payment with what is around it; one that nobody has tried to make yet is a session alone. */
export type PaymentFacts =
  | { readonly payment: Payment; readonly charge: Charge | null; readonly session: Session | null }
  | { readonly payment: null; readonly charge: null; readonly session: Session }

const parsed = (prefix: string, text: string): ReturnType<typeof parseName> =>
  text.startsWith(prefix) ? parseName('payment', PREFIXES.payment + text.slice(prefix.length)) : undefined

/** The caller's own session by its id here, where there is one. */
export async function findSession(storage: Storage, caller: Caller, text: string): Promise<SessionView | undefined> {
  const name = parsed(SESSION, text)
  return name?.tenant === caller.tenant ? storage.findSessionView(name.tenant, name.id) : undefined
}

export async function requireSession(storage: Storage, caller: Caller, text: string): Promise<SessionView> {
  const view = await findSession(storage, caller, text)
  if (!view) throw new Refused({ code: 'resource_missing', param: 'id', detail: text, noun: 'checkout session' })
  return view
}

/** The caller's own payment by its id here, or by its plan's. */
export async function requirePayment(
  storage: Storage,
  caller: Caller,
  text: string,
  param = 'id',
): Promise<PaymentFacts> {
  const name = parsed(PAYMENT, text) ?? parsed(PLAN, text)
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
