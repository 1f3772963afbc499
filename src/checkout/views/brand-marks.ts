import { brandRules, type CardBrand } from '../../core/card-fields.ts'
import { type Html, html } from '../html.ts'
import type { Messages } from '../messages.ts'

type Mark = { readonly width: number; readonly fill: string; readonly body: Html }

const HEIGHT = 22
const word = (text: string, fill: string, size = 9): Mark => {
  const width = Math.max(34, Math.round(12 + text.length * size * 0.58))
  return {
    width,
    fill,
    body: html`<text x="${width / 2}" y="${11 + size * 0.36}" font-size="${size}" font-weight="700" font-family="Arial,sans-serif" text-anchor="middle" fill="#fff">${text}</text>`,
  }
}

/** Simple likenesses in each network's color, always with its name: recognition is the point, not decoration. */
const MARKS: Partial<Record<CardBrand, Mark>> = {
  visa: {
    width: 34,
    fill: '#1a1f71',
    body: html`<text x="17" y="15" font-size="11" font-weight="700" font-style="italic" font-family="Arial,sans-serif" text-anchor="middle" fill="#fff">VISA</text>`,
  },
  mastercard: {
    width: 34,
    fill: '#26282b',
    body: html`<circle cx="13.3" cy="11" r="6.3" fill="#eb001b"/><circle cx="20.7" cy="11" r="6.3" fill="#f79e1b"/><path d="M17 5.9a6.3 6.3 0 0 1 0 10.2 6.3 6.3 0 0 1 0-10.2" fill="#ff5f00"/>`,
  },
  amex: word('AMEX', '#1f6fcb'),
  discover: word('Discover', '#a84c0d'),
  diners: word('Diners Club', '#0a5c8f'),
  jcb: word('JCB', '#0b6b34', 10),
  unionpay: word('UnionPay', '#9c1220'),
}

/** As many as stand beside the label on a phone; the others are read aloud, and shown once they are the one. */
const SHOWN = 4

/** The cards this shop takes. The script dims the others once the brand is certain. */
export function brandMarks(brands: readonly CardBrand[], t: Messages): Html {
  const shown = brands.length > SHOWN ? SHOWN - 1 : SHOWN
  return html`<ul class="marks" aria-label="${t('brands_label')}">${brands.map((brand, at) => {
    const { name } = brandRules(brand)
    return html`<li data-brand="${brand}"${at >= shown && html` class="more"`}>${picture(name, MARKS[brand] ?? word(name, '#4a5450'))}</li>`
  })}${brands.length > shown && html`<li class="count" aria-hidden="true">+${brands.length - shown}</li>`}</ul>`
}

function picture(name: string, { width, fill, body }: Mark): Html {
  return html`<svg viewBox="0 0 ${width} ${HEIGHT}" width="${width}" height="${HEIGHT}" role="img" aria-label="${name}"><rect width="${width}" height="${HEIGHT}" rx="3.5" fill="${fill}"/>${body}</svg>`
}
