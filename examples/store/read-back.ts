import Stripe from 'stripe'
import { learnFromSession } from './judge-session.ts'
import { note, type Order, type Orders } from './orders.ts'

/**
 * Asks the till about the order's session, from this server and under our own key. Whatever a browser claimed before,
 * this answer can be believed. One question at a time for an order, so refreshing in anger costs nothing.
 */
export class ReadBack {
  readonly #stripe: Stripe
  readonly #orders: Orders
  readonly #asking = new Map<string, Promise<Order | undefined>>()

  constructor(stripe: Stripe, orders: Orders) {
    this.#stripe = stripe
    this.#orders = orders
  }

  ask(order: Order): Promise<Order | undefined> {
    const running = this.#asking.get(order.id)
    if (running) return running
    const asking = this.#ask(order).finally(() => this.#asking.delete(order.id))
    this.#asking.set(order.id, asking)
    return asking
  }

  /** A session by its name, whoever made it with our key. */
  async find(sessionId: string): Promise<Stripe.Checkout.Session | 'unknown' | 'silent'> {
    try {
      return await this.#stripe.checkout.sessions.retrieve(sessionId)
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeError)) throw error
      return error.statusCode === 404 ? 'unknown' : 'silent'
    }
  }

  async #ask(order: Order): Promise<Order | undefined> {
    if (!order.session) return order
    try {
      // #region read
      const session = await this.#stripe.checkout.sessions.retrieve(order.session.id)
      const found = `${session.status}, ${session.payment_status}`
      return this.#orders.change(order.id, (current) =>
        learnFromSession(current, session, { kind: 'read_back', found }, new Date()),
      )
      // #endregion
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeError)) throw error
      return this.#orders.change(order.id, (current) => note(current, { kind: 'read_failed' }, new Date()))
    }
  }
}
