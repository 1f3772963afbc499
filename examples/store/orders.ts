import { randomBytes } from 'node:crypto'
import { type Bag, type Line, linesOf, renderBag, type Shopper, totalOf } from './bag.ts'
import type { Currency } from './money.ts'

export type OrderState = 'awaiting' | 'pending' | 'paid' | 'expired'

/** One thing that the shop was told, and by whom. Only the last two are worth anything; see `judge-session.ts`. */
export type Signal =
  | { readonly kind: 'session_created'; readonly sessionId: string }
  | { readonly kind: 'browser_returned' }
  | { readonly kind: 'browser_turned_back' }
  | { readonly kind: 'read_failed' }
  | { readonly kind: 'card_declined'; readonly eventId: string; readonly reason: string }
  | { readonly kind: 'mismatch'; readonly source: string }
  | { readonly kind: 'event'; readonly eventId: string; readonly type: string; readonly found: string }
  | { readonly kind: 'read_back'; readonly found: string }

export type Noted = {
  readonly signal: Signal
  readonly at: Date
  readonly times: number
  /** This is the signal that made the order paid. */
  readonly decisive: boolean
}

export type Order = {
  readonly id: string
  readonly number: number
  readonly currency: Currency
  readonly bag: Bag
  readonly lines: readonly Line[]
  readonly total: number
  readonly state: OrderState
  readonly session: { readonly id: string; readonly url: string | undefined } | undefined
  readonly story: readonly Noted[]
}

const MAX_ORDERS = 1000
const MAX_STORY = 40

/** 128 random bits: whoever has the link may read the order, as with a parcel's tracking link, and nobody guesses one. */
export function newOrderId(): string {
  return `order_${randomBytes(16).toString('base64url')}`
}

export function isOrderId(text: string | null): text is string {
  return text !== null && /^order_[A-Za-z0-9_-]{22}$/.test(text)
}

/**
 * The order book. It lives in memory and forgets the oldest order after a thousand, which suits a demonstration. A real
 * shop keeps orders in a database, and there the change to `paid` is one conditional update.
 */
export class Orders {
  readonly #orders = new Map<string, Order>()
  #lastNumber = 1000

  find(id: string | null | undefined): Order | undefined {
    return id ? this.#orders.get(id) : undefined
  }

  place(id: string, shopper: Shopper): Order {
    const lines = linesOf(shopper)
    this.#lastNumber += 1
    const order: Order = {
      id,
      number: this.#lastNumber,
      currency: shopper.currency,
      bag: shopper.bag,
      lines,
      total: totalOf(lines),
      state: 'awaiting',
      session: undefined,
      story: [],
    }
    this.#orders.set(id, order)
    const oldest = this.#orders.size > MAX_ORDERS ? this.#orders.keys().next().value : undefined
    if (oldest !== undefined) this.#orders.delete(oldest)
    return order
  }

  change(id: string, change: (order: Order) => Order): Order | undefined {
    const order = this.#orders.get(id)
    if (!order) return undefined
    const changed = change(order)
    this.#orders.set(id, changed)
    return changed
  }
}

/** Whether a form that is sent again asks for the order that it made the first time. */
export function isSameOrder(order: Order, shopper: Shopper): boolean {
  return order.currency === shopper.currency && renderBag(order.bag) === renderBag(shopper.bag)
}

/** Adds to the story of the order. The same news again only counts up; a story that never ends is cut. */
export function note(order: Order, signal: Signal, at: Date, decisive = false): Order {
  const news = JSON.stringify(signal)
  const known = order.story.find((noted) => JSON.stringify(noted.signal) === news)
  if (known) {
    const again = { ...known, times: known.times + 1, decisive: known.decisive || decisive }
    return { ...order, story: order.story.map((noted) => (noted === known ? again : noted)) }
  }
  if (order.story.length >= MAX_STORY && !decisive) return order
  return { ...order, story: [...order.story, { signal, at, times: 1, decisive }] }
}
