import type Stripe from 'stripe'
import { learnFromSession } from './judge-session.ts'
import { note, type Orders } from './orders.ts'

const MAX_REMEMBERED = 10_000

export type Received = 'bad_signature' | 'duplicate' | 'handled' | 'not_ours'

/** Takes events. They come at least once and in any order, so each counts once and none may do harm when it is late. */
export class Webhook {
  readonly #stripe: Stripe
  readonly #secret: string
  readonly #orders: Orders
  /** The ids of handled events. A real shop keeps them in the database, in the same transaction as the order. */
  readonly #handled = new Set<string>()

  constructor(stripe: Stripe, secret: string, orders: Orders) {
    this.#stripe = stripe
    this.#secret = secret
    this.#orders = orders
  }

  /** @param body the bytes as they came: the signature is over them, and not over what a parser made of them */
  receive(body: Buffer, signature: string): Received {
    // #region webhook
    let event: Stripe.Event
    try {
      event = this.#stripe.webhooks.constructEvent(body, signature, this.#secret)
    } catch {
      return 'bad_signature' // answered with 400
    }
    if (this.#handled.has(event.id)) return 'duplicate'
    const received = this.#handle(event)
    this.#remember(event.id)
    return received
    // #endregion
  }

  #handle(event: Stripe.Event): Received {
    const at = new Date()
    switch (event.type) {
      case 'checkout.session.completed':
      case 'checkout.session.async_payment_succeeded':
      case 'checkout.session.expired': {
        const session = event.data.object
        const found = `${session.status}, ${session.payment_status}`
        const order = this.#orders.change(session.client_reference_id ?? '', (current) =>
          learnFromSession(current, session, { kind: 'event', eventId: event.id, type: event.type, found }, at),
        )
        return order ? 'handled' : 'not_ours'
      }
      case 'payment_intent.payment_failed': {
        const error = event.data.object.last_payment_error
        const reason = error?.decline_code ?? error?.code ?? 'declined'
        const order = this.#orders.change(event.data.object.metadata.order_id ?? '', (current) =>
          note(current, { kind: 'card_declined', eventId: event.id, reason }, at),
        )
        return order ? 'handled' : 'not_ours'
      }
      default:
        return 'not_ours'
    }
  }

  #remember(eventId: string): void {
    this.#handled.add(eventId)
    const [oldest] = this.#handled
    if (this.#handled.size > MAX_REMEMBERED && oldest !== undefined) this.#handled.delete(oldest)
  }
}
