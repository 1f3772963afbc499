import type { CardBrand } from '../../core/card-fields.ts'
import type { PageMoney } from '../format-money.ts'
import type { SubmitType } from './form.ts'

export type PaidScreen = {
  readonly kind: 'paid'
  /** `opened_again`: the shopper came back to a payment that was done (screen 14). */
  readonly seen: 'first' | 'opened_again'
  /** False while the money is only reserved. */
  readonly captured: boolean
  readonly submitType: SubmitType
  readonly amount: PageMoney
  readonly at: Date
  readonly reference: string
  readonly card?: { readonly brand?: CardBrand; readonly last4: string }
  readonly receiptEmail?: string
  readonly receiptUrl?: string
  readonly afterSubmit?: string
  readonly returnUrl?: string
}
