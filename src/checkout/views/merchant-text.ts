import { type Html, html } from '../html.ts'

/** The merchant's words with `**bold**`, as Stripe's `custom_text` has it. Every part is escaped like any other text. */
export function boldText(text: string): Html {
  return html`${text.split(/\*\*([^*\n]+)\*\*/).map((part, at) => (at % 2 === 1 ? html`<strong>${part}</strong>` : part))}`
}

export function merchantText(text: string | undefined): Html | undefined {
  return text ? html`<p class="merchant-text" dir="auto">${boldText(text)}</p>` : undefined
}
