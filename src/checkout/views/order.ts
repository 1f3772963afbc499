import { formatMoney } from '../format-money.ts'
import { type Html, html } from '../html.ts'
import { counted, type MessageKey, type Messages } from '../messages.ts'
import type { FormScreen, LineItem, SubmitType } from '../screens/form.ts'

const HEADINGS = {
  auto: 'heading_pay',
  pay: 'heading_pay',
  donate: 'heading_donate',
  book: 'heading_book',
  subscribe: 'heading_subscribe',
} as const satisfies Record<SubmitType, MessageKey>

/** More characters than this would not fit one line in the large size. */
const LONG_AMOUNT = 12

/** The heading with the amount, and what it is for: folded away on a phone, open beside the form where there is room. */
export function order(screen: FormScreen, t: Messages): Html {
  const heading = t(HEADINGS[screen.submitType])
  const amount = formatMoney(screen.amount, t.locale)
  return html`<div class="order"><h1 id="title" tabindex="-1"><span class="payee">${heading}</span> <bdi class="amount${
    amount.length > LONG_AMOUNT && ' long'
  }">${amount}</bdi></h1>${screen.lineItems.length > 0 && summary(screen, t)}</div>`
}

/** What is not goods stands below them, where a shopper looks for it. */
function summary(screen: FormScreen, t: Messages): Html {
  const { lineItems } = screen
  const ordered = [...lineItems.filter(({ kind }) => !kind), ...lineItems.filter(({ kind }) => kind)]
  const more = Math.max(1, lineItems.filter(({ kind }) => !kind).length) - 1
  const name = ordered[0]?.name ?? ''
  const label = more === 0 ? name : counted(t, 'summary_more', more, { name })
  return html`<details id="summary"><summary><span dir="auto">${label}</span></summary><h2 class="unseen">${t('summary_title')}</h2><ul class="items">${ordered.map(
    (item) => lineItem(item, t),
  )}</ul>${
    lineItems.length > 1 &&
    html`<p class="total"><span>${t('total')}</span> <bdi>${formatMoney(screen.amount, t.locale)}</bdi></p>`
  }</details>`
}

function lineItem(item: LineItem, t: Messages): Html {
  const image = item.imageUrl?.startsWith('https://') ? item.imageUrl : undefined
  const amount = formatMoney(item.unitAmount, t.locale)
  return html`<li>${
    image &&
    html`<img src="${image}" alt="" width="48" height="48" loading="lazy" decoding="async" referrerpolicy="no-referrer">`
  }<div><span class="item-name" dir="auto">${item.name}</span>${
    item.quantity !== 1 &&
    html`<span class="item-more">${t('item_quantity', { quantity: item.quantity, amount })}</span>`
  }${item.description && html`<span class="item-more" dir="auto">${item.description}</span>`}</div> <bdi>${formatMoney(
    item.totalAmount,
    t.locale,
  )}</bdi></li>`
}
