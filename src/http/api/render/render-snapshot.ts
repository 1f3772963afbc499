import type { Snapshot } from '../../../core/event.ts'
import { otherMode } from '../../../core/ids.ts'
import type { Look } from './parts.ts'
import { renderAccount } from './render-account.ts'
import { renderCharge } from './render-charge.ts'
import { renderCustomer } from './render-customer.ts'
import { renderDispute } from './render-dispute.ts'
import { renderEndpoint } from './render-endpoint.ts'
import { renderMethod } from './render-method.ts'
import { renderPayment } from './render-payment.ts'
import { renderPrice } from './render-price.ts'
import { renderProduct } from './render-product.ts'
import { renderReceiptKey } from './render-receipt-key.ts'
import { renderRefund } from './render-refund.ts'
import { renderResend } from './render-resend.ts'
import { renderSession } from './render-session.ts'

/** The one way from a record to the native wire: answers, repeated answers and events all come through here. */
export function renderSnapshot(snapshot: Snapshot, look: Look): Readonly<Record<string, unknown>> {
  switch (snapshot.is) {
    case 'session':
      return renderSession(snapshot, look)
    case 'payment':
      return renderPayment(snapshot, look)
    case 'charge':
      return renderCharge(snapshot.charge)
    case 'refund':
      return renderRefund(snapshot.refund, snapshot.charge)
    case 'dispute':
      return renderDispute(snapshot.dispute)
    case 'customer':
      return renderCustomer(snapshot.customer)
    case 'method':
      return renderMethod(snapshot.method)
    case 'product':
      return renderProduct(snapshot.product)
    case 'price':
      return renderPrice(snapshot.price)
    case 'account':
      return renderAccount(
        snapshot.account,
        snapshot.live ? snapshot.account.tenant : otherMode(snapshot.account.tenant),
      )
    case 'endpoint':
      return renderEndpoint(snapshot.endpoint)
    case 'receiptKey':
      return renderReceiptKey(snapshot.receiptKey)
    case 'resend':
      return renderResend(snapshot)
  }
}
