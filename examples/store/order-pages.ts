import { shopUrl } from './bag.ts'
import { renderCover } from './covers.ts'
import { type Html, html } from './html.ts'
import { renderPage } from './layout.ts'
import { formatMoney } from './money.ts'
import type { Noted, Order, OrderState } from './orders.ts'
import { tellSignal } from './tell-signal.ts'

const STATE: Readonly<Record<OrderState, { readonly label: string; readonly heading: string; readonly text: string }>> =
  {
    awaiting: {
      label: 'Awaiting payment',
      heading: 'We are waiting for the payment',
      text: 'Nobody whom we can trust has told us of a payment yet. Ask the till again whenever you like.',
    },
    pending: {
      label: 'Payment on its way',
      heading: 'Your payment is on its way',
      text: 'You have done your part. The money is not here yet, and we shall hear when it is.',
    },
    paid: {
      label: 'Paid',
      heading: 'Thank you, your books are paid',
      text: 'They wait at our counter, wrapped in brown paper.',
    },
    expired: {
      label: 'Expired',
      heading: 'The time to pay has run out',
      text: 'The till has closed this order without a payment. The books are still here.',
    },
  }

/** The till's answer has settled the order, and its event has not come yet: usually a matter of a second. */
export function awaitsEvent({ state, story }: Order): boolean {
  return (state === 'paid' || state === 'pending') && !story.some(({ signal }) => signal.kind === 'event')
}

/**
 * What the shop knows of an order, and from which signal: after the browser's return, and at the order's own address.
 * @param looksAgain whether the page is about to load itself again
 */
export function renderOrderPage(order: Order, looksAgain = false): string {
  const { label, heading, text } = STATE[order.state]
  const shopper = { bag: new Map(), currency: order.currency }
  const main = html`<div class="order">
<div class="order-head">
<p class="badge badge-${order.state}" data-testid="order-state" data-state="${order.state}">${label}</p>
<h1>${heading}</h1>
<p>${text}</p>
</div>
<section class="story" aria-labelledby="story"><h2 id="story">What we know, and from whom</h2>
<ol class="timeline" data-testid="timeline">${order.story.map(renderNoted)}</ol>
${awaitsEvent(order) && renderWait(order, looksAgain)}
${renderActions(order)}
</section>
${renderReceipt(order)}
</div>`
  return renderPage({ title: `${label}, order ${order.number}`, shopper, main, steps: ['webhook', 'read', 'decide'] })
}

function renderWait(order: Order, looksAgain: boolean): Html {
  return html`<p class="on-its-way">${
    looksAgain
      ? 'The till’s signed event is still on its way. This page looks again by itself.'
      : html`The till’s signed event has not come yet. <a href="/orders/${order.id}">Look again</a>`
  }</p>`
}

const TIME = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium', timeZone: 'UTC' })

function renderNoted({ signal, at, times, decisive }: Noted): Html {
  const { weight, title, text, detail } = tellSignal(signal)
  return html`<li class="noted noted-${decisive ? 'decisive' : weight}" data-signal="${signal.kind}">
<p class="when"><time datetime="${at.toISOString()}">${TIME.format(at)} UTC</time></p>
<h3>${title}</h3>
<p>${text}${decisive && html` <strong>This is what made the order paid.</strong>`}${times > 1 && html` Seen ${times} times.`}</p>
${detail !== undefined && html`<p class="detail">${detail}</p>`}
</li>`
}

function renderActions(order: Order): Html {
  const resume = order.state === 'awaiting' ? order.session?.url : undefined
  const shopper = { bag: order.bag, currency: order.currency }
  return html`<div class="actions">
<form action="/orders/${order.id}/check" method="post"><button class="quiet">Ask the till again</button></form>
${resume !== undefined && html`<a class="quiet button" href="${resume}">Go to the payment</a>`}
${order.state === 'expired' && html`<a class="quiet button" href="${shopUrl('/bag', shopper)}">Put them in a bag again</a>`}
</div>`
}

function renderReceipt(order: Order): Html {
  const lines = order.lines.map(
    ({ book, copies, amount }) =>
      html`<li>${renderCover(book.slug)}<span class="receipt-title">${book.title}${copies > 1 && html` <span class="times">× ${copies}</span>`}</span><span class="price">${formatMoney(amount, order.currency)}</span></li>`,
  )
  return html`<section class="receipt" aria-labelledby="receipt"><h2 id="receipt">Order <span data-testid="order-number">${order.number}</span></h2>
<ul>${lines}</ul>
<p class="total"><span>Total</span> <strong data-testid="order-total">${formatMoney(order.total, order.currency)}</strong></p>
<p class="keep"><a href="/orders/${order.id}">Link to this order</a></p></section>`
}

/** The way back from the payment page. It says as little about money as the way forward does. */
export function renderCancelPage(order: Order): string {
  const shopper = { bag: order.bag, currency: order.currency }
  const resume = order.session?.url
  const main = html`<div class="message">
<p class="badge badge-${order.state}" data-testid="order-state" data-state="${order.state}">${STATE[order.state].label}</p>
<h1>Your bag is as you left it</h1>
<p>As far as we know, order ${order.number} has not been paid. It stays open for a while, should you change your mind.</p>
<ul class="spines">${order.lines.map(({ book }) => html`<li>${renderCover(book.slug)}<span class="visually-hidden">${book.title}</span></li>`)}</ul>
<p class="actions">${resume !== undefined && html`<a class="button primary" href="${resume}">Return to the payment</a>`}
<a class="button quiet" href="${shopUrl('/bag', shopper)}">Back to the bag</a></p>
<p class="aside"><a href="/orders/${order.id}">What we know about this order</a></p>
</div>`
  return renderPage({ title: 'Not paid', shopper, main, steps: ['create'] })
}
