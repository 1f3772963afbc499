import { brandRules, type CardBrand } from '../core/card-fields.ts'
import type { DeclineFacts } from '../core/declines.ts'
import { postcodeExample } from '../core/postcodes.ts'
import type { FieldSpec } from './fields.ts'
import type { Messages } from './messages.ts'
import type { FieldErrorCode, FieldValues, FormScreen } from './screens/form.ts'

/** The same words stand by the field and in the summary above the form. */
export function fieldMessage(
  field: FieldSpec,
  code: FieldErrorCode,
  screen: { readonly brands: FormScreen['brands']; readonly values: FieldValues },
  t: Messages,
): string {
  switch (code) {
    case 'brand_refused':
      return t('error_brand_refused_plain', { list: brandList(screen.brands, t.locale) })
    case 'code_length':
      return t('error_code_length_plain')
    case 'postcode_wrong': {
      const country = field.name.startsWith('shipping') ? screen.values.shippingCountry : screen.values.billingCountry
      return t('error_postcode_wrong', { example: postcodeExample(country ?? '') })
    }
    case 'field_long':
      return t('error_field_long', { label: field.label, max: field.maxlength })
    case 'field_short':
      return t('error_field_short', { label: field.label, min: field.minlength ?? 0 })
    default:
      return t(`error_${code}`, { label: field.label })
  }
}

export function brandList(brands: readonly CardBrand[], locale: string): string {
  const names = brands.map((brand) => brandRules(brand).name)
  return new Intl.ListFormat(locale, { type: 'disjunction' }).format(names)
}

/** What an unanswered question says: the form, its check and the script agree on it. */
export function emptyCode(field: FieldSpec): FieldErrorCode {
  switch (field.rule) {
    case 'number':
    case 'expiry':
    case 'code':
    case 'name':
    case 'postcode':
    case 'country':
      return `${field.rule}_empty`
    case 'email':
      return 'email_wrong'
    case 'phone':
      return 'phone_wrong'
    case 'choice':
      return 'field_choice'
    case 'text':
    case 'digits':
      return 'field_empty'
  }
}

/** What a declined attempt says by the field that the bank found wrong. */
export const DECLINED_CODES = {
  cardNumber: 'number_declined',
  cardExpiry: 'expiry_declined',
  cardCvc: 'code_declined',
  billingPostalCode: 'postcode_declined',
} as const satisfies Record<NonNullable<DeclineFacts['field']>, FieldErrorCode>
