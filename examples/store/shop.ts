import type Stripe from 'stripe'
import { type Answer, page, plain, seeOther } from './answer.ts'
import { changeCopies, parseShopper, shopUrl } from './bag.ts'
import { findBook } from './books.ts'
import { FAVICON, STYLE, STYLE_PATH } from './layout.ts'
import {
  renderForeignSession,
  renderNotFound,
  renderSilentTill,
  renderTillSilent,
  renderUnknownOrder,
  renderUnknownSession,
  renderUsedForm,
} from './message-pages.ts'
import { OpenCheckout } from './open-checkout.ts'
import { awaitsEvent, renderCancelPage, renderOrderPage } from './order-pages.ts'
import { newOrderId, note, type Order, Orders } from './orders.ts'
import { ReadBack } from './read-back.ts'
import { type Received, Webhook } from './receive-webhook.ts'
import { renderSessionPage } from './session-page.ts'
import { renderBagPage, renderBookPage, renderShopPage } from './shop-pages.ts'

export type ShopOptions = {
  readonly stripe: Stripe
  readonly webhookSecret: string
  /** The origin under which browsers reach the shop. */
  readonly publicUrl: string
  readonly log: (message: string) => void
}

/** How often the page of an order looks for its event by itself, and after how many seconds each time. */
const MAX_LOOKS = 5
const LOOK_SECONDS = 3
const KEEP = { 'cache-control': 'public, max-age=31536000, immutable' }

/** The shop behind its pages: requests in, answers out. */
export class Shop {
  readonly #orders = new Orders()
  readonly #readBack: ReadBack
  readonly #webhook: Webhook
  readonly #checkout: OpenCheckout
  readonly #log: (message: string) => void

  constructor({ stripe, webhookSecret, publicUrl, log }: ShopOptions) {
    this.#readBack = new ReadBack(stripe, this.#orders)
    this.#webhook = new Webhook(stripe, webhookSecret, this.#orders)
    this.#checkout = new OpenCheckout(stripe, this.#orders, publicUrl, log)
    this.#log = log
  }

  async get({ pathname, searchParams: query }: URL): Promise<Answer> {
    const shopper = parseShopper(query)
    if (pathname === '/') return page(200, renderShopPage(shopper))
    if (pathname === '/bag') return showBag(query)
    if (pathname === '/success') return this.#welcomeBack(query)
    if (pathname === '/done') return this.#showSession(query.get('session') ?? query.get('session_id') ?? '')
    if (pathname === '/cancel') return this.#turnBack(query)
    if (pathname === STYLE_PATH) return plain(200, STYLE, { ...KEEP, 'content-type': 'text/css; charset=utf-8' })
    if (pathname === '/favicon.svg') return plain(200, String(FAVICON), { 'content-type': 'image/svg+xml' })
    const [, room, name = '', ...more] = pathname.split('/')
    const book = room === 'books' && more.length === 0 ? findBook(name) : undefined
    if (book) return page(200, renderBookPage(book, shopper))
    if (room === 'orders' && more.length === 0) return this.#showOrder(name, query.get('look') ?? '')
    return page(404, renderNotFound())
  }

  /** @param form the fields of a form of ours */
  async post({ pathname }: URL, form: URLSearchParams): Promise<Answer> {
    if (pathname === '/checkout') return this.#openCheckout(form)
    const [, room, id, action, ...more] = pathname.split('/')
    if (room !== 'orders' || action !== 'check' || more.length > 0) return page(404, renderNotFound())
    const order = this.#orders.find(id)
    if (!order) return page(404, renderUnknownOrder())
    await this.#readBack.ask(order)
    return seeOther(`/orders/${order.id}`)
  }

  /** Any 2xx tells the sender to stop; the words are for whoever reads its log. */
  receiveEvent(body: Buffer, signature: string): Answer {
    const received = this.#webhook.receive(body, signature)
    const words: Readonly<Record<Received, string>> = {
      bad_signature: 'The signature does not fit these bytes, or it is too old.',
      duplicate: 'Known already.',
      handled: 'Thank you.',
      not_ours: 'Nothing for this shop.',
    }
    if (received === 'bad_signature') this.#log('a webhook with a bad signature was refused')
    return plain(received === 'bad_signature' ? 400 : 200, words[received])
  }

  async #openCheckout(form: URLSearchParams): Promise<Answer> {
    const opened = await this.#checkout.open(form)
    if (opened.ok) return seeOther(opened.url)
    const shopper = parseShopper(form)
    const id = form.get('order') ?? ''
    switch (opened.error) {
      case 'empty_bag':
      case 'bad_form':
        return seeOther(shopUrl('/bag', shopper))
      case 'not_awaiting':
        return seeOther(`/orders/${id}`)
      case 'used_form':
        return page(409, renderUsedForm(shopper))
      case 'till_silent':
        return page(502, renderTillSilent(shopper, id))
    }
  }

  /** The success URL. That it was opened is written down and believed in nothing; then our server asks for itself. */
  async #welcomeBack(query: URLSearchParams): Promise<Answer> {
    const order = this.#orders.find(query.get('order'))
    if (!order) return page(404, renderUnknownOrder())
    if (!order.session || query.get('session_id') !== order.session.id) {
      return page(403, renderForeignSession(order.id))
    }
    this.#orders.change(order.id, (current) => note(current, { kind: 'browser_returned' }, new Date()))
    return showKnown((await this.#readBack.ask(order)) ?? order, 0)
  }

  async #turnBack(query: URLSearchParams): Promise<Answer> {
    const id = query.get('order') ?? ''
    const order = this.#orders.change(id, (current) => note(current, { kind: 'browser_turned_back' }, new Date()))
    if (!order) return page(404, renderUnknownOrder())
    return page(200, order.state === 'awaiting' ? renderCancelPage(order) : renderOrderPage(order))
  }

  async #showOrder(id: string, look: string): Promise<Answer> {
    const order = this.#orders.find(id)
    if (!order) return page(404, renderUnknownOrder())
    return showKnown(order, /^\d$/.test(look) ? Number(look) : 0)
  }

  /** For a session that no order of ours made: it is what the till says of it. */
  async #showSession(name: string): Promise<Answer> {
    const session = /^cs_(test|live)_\w{1,100}$/.test(name) ? await this.#readBack.find(name) : 'unknown'
    if (session === 'unknown') return page(404, renderUnknownSession())
    return session === 'silent' ? page(502, renderSilentTill()) : page(200, renderSessionPage(session))
  }
}

/** While the event is on its way the page loads itself again: by a header, since no script runs here. */
function showKnown(order: Order, looks: number): Answer {
  const looksAgain = awaitsEvent(order) && looks < MAX_LOOKS
  const shown = page(200, renderOrderPage(order, looksAgain))
  if (!looksAgain) return shown
  const refresh = `${LOOK_SECONDS}; url=/orders/${order.id}?look=${looks + 1}`
  return { ...shown, headers: { ...shown.headers, refresh } }
}

/** `add` and `less` lead on to the bag's own URL, so a refresh puts in nothing twice. */
function showBag(query: URLSearchParams): Answer {
  const shopper = parseShopper(query)
  const [add, less] = [query.get('add'), query.get('less')]
  if (add === null && less === null) return page(200, renderBagPage(shopper, newOrderId()))
  const bag = changeCopies(changeCopies(shopper.bag, add ?? '', 1), less ?? '', -1)
  return seeOther(shopUrl('/bag', { ...shopper, bag }))
}
