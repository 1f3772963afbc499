import { countCopies, type Line, linesOf, MAX_COPIES, renderBag, type Shopper, shopUrl, totalOf } from './bag.ts'
import { BOOKS, type Book } from './books.ts'
import { renderCover } from './covers.ts'
import { type Html, html } from './html.ts'
import { renderPage } from './layout.ts'
import { formatMoney } from './money.ts'

export function renderShopPage(shopper: Shopper): string {
  const books = BOOKS.map(
    (book) => html`<li class="book">
<a class="book-link" href="${shopUrl(`/books/${book.slug}`, shopper)}">${renderCover(book.slug)}<h2>${book.title}</h2></a>
<p class="author">${book.author}</p>
<div class="buy"><p class="price">${formatMoney(book.price[shopper.currency], shopper.currency)}</p>${renderAdd(book, shopper)}</div>
</li>`,
  )
  const main = html`<div class="hero"><h1>Six books for when everyone else is asleep</h1>
<p>A very small shop. Choose one, or choose all six; we keep the lamp on.</p></div>
<ul class="shelf">${books}</ul>`
  return renderPage({ title: 'Six books', shopper, path: '/', main, steps: ['create'] })
}

export function renderBookPage(book: Book, shopper: Shopper): string {
  const main = html`<article class="single">
<div class="single-cover">${renderCover(book.slug)}</div>
<div class="single-text">
<p class="kind">${book.kind}, ${book.pages} pages</p>
<h1>${book.title}</h1>
<p class="author">${book.author}</p>
<blockquote><p>${book.opening}</p></blockquote>
<p>${book.blurb}</p>
<div class="buy"><p class="price">${formatMoney(book.price[shopper.currency], shopper.currency)}</p>${renderAdd(book, shopper)}</div>
<p><a href="${shopUrl('/', shopper)}">Back to all six</a></p>
</div>
</article>`
  return renderPage({ title: book.title, shopper, path: `/books/${book.slug}`, main, steps: ['create'] })
}

function renderHidden(shopper: Shopper): Html {
  return html`<input type="hidden" name="bag" value="${renderBag(shopper.bag)}"><input type="hidden" name="in" value="${shopper.currency}">`
}

/** A form that asks for a new bag and changes nothing here, therefore GET; the answer redirects to the bag's own URL. */
function renderAdd(book: Book, shopper: Shopper): Html {
  return html`<form action="/bag" method="get">${renderHidden(shopper)}<button class="quiet" name="add" value="${book.slug}" aria-label="${`Add to bag: ${book.title}`}">Add to bag</button></form>`
}

/** @param orderId minted for this rendering of the form: sent twice, it is still one order */
export function renderBagPage(shopper: Shopper, orderId: string): string {
  const lines = linesOf(shopper)
  const main = lines.length === 0 ? renderEmptyBag(shopper) : renderFullBag(shopper, lines, orderId)
  return renderPage({ title: 'Your bag', shopper, path: '/bag', main, steps: ['create'] })
}

function renderEmptyBag(shopper: Shopper): Html {
  return html`<div class="message"><h1>Your bag is empty</h1><p>Nothing in it yet. The night is long.</p>
<p><a class="button" href="${shopUrl('/', shopper)}">See the six books</a></p></div>`
}

function renderFullBag(shopper: Shopper, lines: readonly Line[], orderId: string): Html {
  const copies = countCopies(shopper.bag)
  const rows = lines.map((line) => renderBagLine(line, shopper))
  return html`<div class="narrow">
<h1>Your bag</h1>
<ul class="lines">${rows}</ul>
<div class="sum"><p>${copies} ${copies === 1 ? 'book' : 'books'}, kept for you at our counter</p>
<p class="total"><span>Total</span> <strong data-testid="bag-total">${formatMoney(totalOf(lines), shopper.currency)}</strong></p></div>
<form action="/checkout" method="post">${renderHidden(shopper)}<input type="hidden" name="order" value="${orderId}">
<button class="primary">Check out</button></form>
<p class="aside">You pay on a secure page of its own, and come back here. <a href="${shopUrl('/', shopper)}">Keep browsing</a></p>
</div>`
}

function renderBagLine({ book, copies, amount }: Line, shopper: Shopper): Html {
  return html`<li class="line">${renderCover(book.slug)}
<div class="line-text"><h2><a href="${shopUrl(`/books/${book.slug}`, shopper)}">${book.title}</a></h2><p class="author">${book.author}</p></div>
<form class="copies" action="/bag" method="get">${renderHidden(shopper)}
<button name="less" value="${book.slug}" aria-label="${copies === 1 ? `Remove ${book.title}` : `One ${book.title} less`}">−</button>
<span><span class="visually-hidden">Copies: </span>${copies}</span>
<button name="add" value="${book.slug}" aria-label="${`One ${book.title} more`}"${copies >= MAX_COPIES && html` disabled`}>+</button>
</form>
<p class="price">${formatMoney(amount, shopper.currency)}</p></li>`
}
