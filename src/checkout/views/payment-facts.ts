import { formatMoney, type PageMoney } from '../format-money.ts'
import { html } from '../html.ts'
import type { Messages } from '../messages.ts'
import type { Visit } from '../model.ts'
import type { Fact } from './result.ts'

/** How much and to whom: whoever comes back to an old tab sees what it was about. */
export function paymentFacts({ amount }: { readonly amount: PageMoney }, visit: Visit, t: Messages): readonly Fact[] {
  return [
    [t('fact_amount'), html`<bdi>${formatMoney(amount, t.locale)}</bdi>`],
    [t('fact_merchant'), html`<span dir="auto">${visit.merchant.displayName}</span>`],
  ]
}
