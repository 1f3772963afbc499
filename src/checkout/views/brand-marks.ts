import { brandRules, type CardBrand } from '../../core/card-fields.ts'
import { type Html, html } from '../html.ts'
import type { Messages } from '../messages.ts'

const frame = (name: string, body: Html): Html =>
  html`<svg viewBox="0 0 34 22" width="34" height="22" role="img" aria-label="${name}">${body}</svg>`
const word = (text: string, fill: string, size: number): Html =>
  html`<rect width="34" height="22" rx="3.5" fill="${fill}"/><text x="17" y="${11 + size * 0.36}" font-size="${size}" font-weight="700" font-family="Arial,sans-serif" text-anchor="middle" fill="#fff">${text}</text>`

/** Simple likenesses in each network's color, always with its name: recognition is the point, not decoration. */
const MARKS: Partial<Record<CardBrand, Html>> = {
  visa: html`<rect width="34" height="22" rx="3.5" fill="#1a1f71"/><text x="17" y="15" font-size="11" font-weight="700" font-style="italic" font-family="Arial,sans-serif" text-anchor="middle" fill="#fff">VISA</text>`,
  mastercard: html`<rect width="34" height="22" rx="3.5" fill="#26282b"/><circle cx="13.3" cy="11" r="6.3" fill="#eb001b"/><circle cx="20.7" cy="11" r="6.3" fill="#f79e1b"/><path d="M17 5.9a6.3 6.3 0 0 1 0 10.2 6.3 6.3 0 0 1 0-10.2" fill="#ff5f00"/>`,
  amex: word('AMEX', '#1f6fcb', 8.5),
  discover: word('DISC', '#a84c0d', 8.5),
  diners: word('DINERS', '#0a5c8f', 7),
  jcb: word('JCB', '#0b6b34', 10),
  unionpay: word('UPay', '#9c1220', 9),
}

/** The cards this shop takes. The script dims the others once the brand is certain. */
export function brandMarks(brands: readonly CardBrand[], t: Messages): Html {
  return html`<ul class="marks${brands.length > 5 && ' many'}" aria-label="${t('brands_label')}">${brands.map(
    (brand) => {
      const { name } = brandRules(brand)
      const mark = MARKS[brand] ?? word(name.slice(0, 6), '#4a5450', 7)
      return html`<li data-brand="${brand}">${frame(name, mark)}</li>`
    },
  )}</ul>`
}
