import { withParameter } from '../../../core/return-urls.ts'
import type { PaymentReturn, ShopReturn } from '../../../core/shop-returns.ts'
import { bpcId } from './ids.ts'

/**
 * Both URLs get the session's id in a parameter of ours; the older API's `orderId` is often the shop's own. Who leaves
 * without paying goes where who failed goes: the system knows two ways out.
 */
export const bpcReturn: ShopReturn = ({ session }, end) => {
  const { successUrl, failureUrl, cancelUrl } = session.document
  const url = end === 'success' ? successUrl : (failureUrl ?? cancelUrl)
  return url === undefined ? undefined : withParameter(url, 'sessionId', bpcId('session', session.id))
}

/** Which payment it is about; what became of it the shop reads, or hears. */
export const bpcPaymentReturn: PaymentReturn = ({ id, document: { returnUrl } }) =>
  returnUrl === undefined ? undefined : withParameter(returnUrl, 'paymentId', bpcId('payment', id))
