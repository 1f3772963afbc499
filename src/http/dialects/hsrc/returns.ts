import { fillSessionId, withParameter } from '../../../core/return-urls.ts'
import type { Session } from '../../../core/session.ts'
import type { PaymentReturn, ShopReturn } from '../../../core/shop-returns.ts'
import { paymentId, paymentIdOfSession, sessionId } from './ids.ts'

/** A URL of the shop's with both ids, and no word of how it went: nobody should believe an address. */
export function withIds(url: string, session: Session): string {
  const id = sessionId(session)
  const named = withParameter(fillSessionId(url, id), 'checkout_session_id', id)
  return withParameter(named, 'payment_id', paymentIdOfSession(session))
}

/** All ends lead to `return_url`, but for who gives up where the shop has another address for that. */
export const hsrcReturn: ShopReturn = ({ session }, end) => {
  const { successUrl, cancelUrl } = session.document
  const url = end === 'success' ? successUrl : (cancelUrl ?? successUrl)
  return url === undefined ? undefined : withIds(url, session)
}

/** The same for a payment without a session. */
export const hsrcPaymentReturn: PaymentReturn = (payment) => {
  const { returnUrl } = payment.document
  return returnUrl === undefined ? undefined : withParameter(returnUrl, 'payment_id', paymentId(payment))
}
