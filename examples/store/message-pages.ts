import { renderBag, type Shopper, shopUrl } from './bag.ts'
import { type Html, html } from './html.ts'
import { renderPage } from './layout.ts'

const NOBODY: Shopper = { bag: new Map(), currency: 'eur' }

function renderMessage(title: string, text: Html, shopper: Shopper = NOBODY): string {
  const main = html`<div class="message"><h1>${title}</h1>${text}</div>`
  return renderPage({ title, shopper, main, steps: ['create', 'webhook', 'read', 'decide'] })
}

export function renderNotFound(): string {
  return renderMessage(
    'There is nothing here',
    html`<p>No book and no page has this address.</p><p><a class="button" href="/">See the six books</a></p>`,
  )
}

export function renderUnknownOrder(): string {
  return renderMessage(
    'We do not know this order',
    html`<p data-testid="order-state" data-state="unknown">This demonstration keeps its orders in memory, so it forgets them whenever it restarts. A real shop has a database. Or the address lost a letter.</p>
<p>Opening this page has bought nothing and changed nothing. An order is paid when the till tells us so, not when an address says it.</p>
<p><a class="button" href="/">See the six books</a></p>`,
  )
}

/** For a success URL with a session that is unknown or somebody else's. It tells nothing about either. */
export function renderForeignSession(orderId: string): string {
  return renderMessage(
    'This payment does not belong to this order',
    html`<p data-testid="order-state" data-state="unknown">The address names a payment session that we did not make for this order, so we leave it alone.</p>
<p>Nothing has changed: what counts is what the till tells us, not what an address says.</p>
<p><a class="button" href="/orders/${orderId}">See the order</a></p>`,
  )
}

export function renderUnknownSession(): string {
  return renderMessage(
    'The till does not know this session',
    html`<p data-testid="session-state" data-state="unknown">We asked it under our own key. Perhaps the address lost a letter, or the session belongs to another account.</p>
<p><a class="button" href="/">See the six books</a></p>`,
  )
}

export function renderSilentTill(): string {
  return renderMessage(
    'The till does not answer',
    html`<p data-testid="session-state" data-state="silent">We asked for this session and got no usable answer. Silence is neither a yes nor a no: load this page again in a moment.</p>
<p><a class="button" href="/">See the six books</a></p>`,
  )
}

export function renderUsedForm(shopper: Shopper): string {
  return renderMessage(
    'This form has been used',
    html`<p>It already made an order of other books. Your bag is safe; please check out from it once more.</p>
<p><a class="button" href="${shopUrl('/bag', shopper)}">Back to the bag</a></p>`,
    shopper,
  )
}

/** The same order once more, under the same idempotency key: should the till have heard us after all, it is still one. */
export function renderTillSilent(shopper: Shopper, orderId: string): string {
  return renderMessage(
    'The till does not answer',
    html`<p>We could not open a payment page just now. Nothing was charged, and your bag is safe.</p>
<form action="/checkout" method="post"><input type="hidden" name="bag" value="${renderBag(shopper.bag)}"><input type="hidden" name="in" value="${shopper.currency}"><input type="hidden" name="order" value="${orderId}"><button class="primary">Try again</button></form>
<p class="aside"><a href="${shopUrl('/bag', shopper)}">Back to the bag</a></p>`,
    shopper,
  )
}

export function renderFault(): string {
  return renderMessage(
    'Something went wrong with us',
    html`<p>It was not you. Please try once more.</p><p><a class="button" href="/">See the six books</a></p>`,
  )
}
