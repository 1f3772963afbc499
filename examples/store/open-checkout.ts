import Stripe from 'stripe'
import { parseShopper } from './bag.ts'
import { createCheckout } from './create-checkout.ts'
import { isOrderId, isSameOrder, note, type Order, type Orders } from './orders.ts'

export type Opened =
  | { readonly ok: true; readonly url: string }
  | { readonly ok: false; readonly error: 'empty_bag' | 'bad_form' | 'used_form' | 'not_awaiting' | 'till_silent' }

/** Turns the checkout form into an order and a session, once, however often the form is sent. */
export class OpenCheckout {
  readonly #stripe: Stripe
  readonly #orders: Orders
  readonly #shopUrl: string
  readonly #log: (message: string) => void
  readonly #opening = new Map<string, Promise<Opened>>()

  constructor(stripe: Stripe, orders: Orders, shopUrl: string, log: (message: string) => void) {
    this.#stripe = stripe
    this.#orders = orders
    this.#shopUrl = shopUrl
    this.#log = log
  }

  async open(form: URLSearchParams): Promise<Opened> {
    const id = form.get('order')
    const shopper = parseShopper(form)
    if (!isOrderId(id)) return { ok: false, error: 'bad_form' }
    if (shopper.bag.size === 0) return { ok: false, error: 'empty_bag' }
    const known = this.#orders.find(id)
    if (known && !isSameOrder(known, shopper)) return { ok: false, error: 'used_form' }
    if (known && known.state !== 'awaiting') return { ok: false, error: 'not_awaiting' }
    if (known?.session?.url) return { ok: true, url: known.session.url }
    // Two clicks are one question to the till; the idempotency key would settle it too, only later.
    const opening = this.#opening.get(id) ?? this.#create(known ?? this.#orders.place(id, shopper))
    this.#opening.set(id, opening)
    return opening.finally(() => this.#opening.delete(id))
  }

  async #create(order: Order): Promise<Opened> {
    try {
      const session = await createCheckout(this.#stripe, order, this.#shopUrl)
      const url = URL.parse(session.url ?? '')
      if (url?.protocol !== 'https:' && url?.protocol !== 'http:') return { ok: false, error: 'till_silent' }
      this.#orders.change(order.id, (current) =>
        note(
          { ...current, session: { id: session.id, url: url.href } },
          { kind: 'session_created', sessionId: session.id },
          new Date(),
        ),
      )
      return { ok: true, url: url.href }
    } catch (error) {
      if (!(error instanceof Stripe.errors.StripeError)) throw error
      this.#log(
        `order ${order.number}: no session: ${error.type} ${error.code ?? ''} ${error.requestId ?? ''}`.trimEnd(),
      )
      return { ok: false, error: 'till_silent' }
    }
  }
}
