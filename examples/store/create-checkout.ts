import type Stripe from 'stripe'
import type { Order } from './orders.ts'

/** Asks the till for a page on which this order can be paid. The order's id makes a repeated request the same one. */
export function createCheckout(stripe: Stripe, order: Order, shopUrl: string): Promise<Stripe.Checkout.Session> {
  // #region create
  return stripe.checkout.sessions.create(
    {
      mode: 'payment',
      line_items: order.lines.map(({ book, copies }) => ({
        quantity: copies,
        price_data: {
          currency: order.currency,
          unit_amount: book.price[order.currency], // minor units: 1650 is €16.50, ¥1,650 or KWD 1.650
          product_data: { name: book.title, description: `${book.kind} by ${book.author}` },
        },
      })),
      success_url: `${shopUrl}/success?order=${order.id}&session_id={CHECKOUT_SESSION_ID}`,
      cancel_url: `${shopUrl}/cancel?order=${order.id}`,
      client_reference_id: order.id,
      metadata: { order_number: String(order.number) },
      payment_intent_data: { metadata: { order_id: order.id } },
    },
    { idempotencyKey: `checkout-${order.id}` },
  )
  // #endregion
}
