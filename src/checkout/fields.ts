/** The questions of the form in the order they are asked: the view, the check and the error summary all read this. */

import { countryChoices } from './countries.ts'
import type { Messages } from './messages.ts'
import type { FieldName, FormFields } from './screens/form.ts'

export type Section = 'contact' | 'shipping' | 'extra' | 'card' | 'billing'
export type Rule =
  | 'number'
  | 'expiry'
  | 'code'
  | 'name'
  | 'email'
  | 'phone'
  | 'postcode'
  | 'country'
  | 'text'
  | 'digits'
  | 'choice'

export type FieldSpec = {
  readonly name: FieldName
  readonly section: Section
  readonly rule: Rule
  readonly label: string
  readonly hint?: string
  readonly required: boolean
  /** Answered at an earlier try: left empty, that answer stays. */
  readonly kept?: true
  /** Tokens of the HTML standard's autofill section; none for a question of the shop's own. */
  readonly autocomplete?: string
  readonly minlength?: number
  readonly maxlength: number
  readonly choices?: readonly { readonly value: string; readonly label: string }[]
  readonly prompt?: string
  /** Half a line, beside its neighbor. */
  readonly half?: true
  readonly defaultValue?: string
}

const TEXT_LIMIT = 200
const PHONE_LIMIT = 30
const POSTCODE_LIMIT = 16

export function fieldsOf(fields: FormFields, t: Messages): readonly FieldSpec[] {
  const all = [...contact(fields, t), ...shipping(fields, t), ...custom(fields, t), ...card(t), ...billing(fields, t)]
  const { kept = [] } = fields
  return all.map((field) => (kept.includes(field.name) ? { ...field, required: false, kept: true } : field))
}

function contact(fields: FormFields, t: Messages): FieldSpec[] {
  const base = { section: 'contact', required: true } as const
  const all: FieldSpec[] = []
  if (fields.email) {
    const label = t('label_email')
    all.push({ ...base, name: 'email', rule: 'email', label, autocomplete: 'email', maxlength: 254 })
  }
  if (fields.phone) {
    const words = { label: t('label_phone'), hint: t('hint_phone') }
    all.push({ ...base, ...words, name: 'phoneNumber', rule: 'phone', autocomplete: 'tel', maxlength: PHONE_LIMIT })
  }
  return all
}

function card(t: Messages): FieldSpec[] {
  const base = { section: 'card', required: true } as const
  return [
    // Room for 19 digits with spaces and the dashes of a paste; nothing is cut that could be cleaned.
    { ...base, name: 'cardNumber', rule: 'number', label: t('label_number'), autocomplete: 'cc-number', maxlength: 30 },
    {
      ...base,
      name: 'cardExpiry',
      rule: 'expiry',
      label: t('label_expiry'),
      hint: t('hint_expiry'),
      autocomplete: 'cc-exp',
      // Browsers choose MM/YY or MM/YYYY partly by this: 5 would cut an autofilled 10/2030 to 10/20.
      maxlength: 9,
      half: true,
    },
    {
      ...base,
      name: 'cardCvc',
      rule: 'code',
      label: t('label_code'),
      hint: t('hint_code'),
      autocomplete: 'cc-csc',
      maxlength: 4,
      half: true,
    },
    {
      ...base,
      name: 'billingName',
      rule: 'name',
      label: t('label_name'),
      autocomplete: 'cc-name',
      maxlength: TEXT_LIMIT,
    },
  ]
}

function billing(fields: FormFields, t: Messages): FieldSpec[] {
  if (fields.billing === 'none') return []
  const address = addressFields('billing', t, countryChoices(t.locale))
  if (fields.billing === 'full') return address
  return address
    .filter(({ rule }) => rule === 'country' || rule === 'postcode')
    .map((field) => ({ ...field, section: 'card', half: true }))
}

function shipping(fields: FormFields, t: Messages): FieldSpec[] {
  if (!fields.shippingCountries) return []
  const name: FieldSpec = {
    name: 'shippingName',
    section: 'shipping',
    rule: 'text',
    label: t('label_shipping_name'),
    required: true,
    autocomplete: 'shipping name',
    maxlength: TEXT_LIMIT,
  }
  return [name, ...addressFields('shipping', t, countryChoices(t.locale, fields.shippingCountries))]
}

function addressFields(kind: 'billing' | 'shipping', t: Messages, choices: FieldSpec['choices'] = []): FieldSpec[] {
  const text = { section: kind, rule: 'text', required: true, maxlength: TEXT_LIMIT } as const
  return [
    {
      ...text,
      name: `${kind}Country`,
      rule: 'country',
      label: t('label_country'),
      autocomplete: `${kind} country`,
      choices,
      prompt: t('country_choose'),
    },
    { ...text, name: `${kind}AddressLine1`, label: t('label_line1'), autocomplete: `${kind} address-line1` },
    {
      ...text,
      name: `${kind}AddressLine2`,
      label: t('label_line2'),
      autocomplete: `${kind} address-line2`,
      required: false,
    },
    {
      ...text,
      name: `${kind}Locality`,
      label: t('label_locality'),
      autocomplete: `${kind} address-level2`,
      half: true,
    },
    {
      ...text,
      name: `${kind}PostalCode`,
      rule: 'postcode',
      label: t('label_postcode'),
      autocomplete: `${kind} postal-code`,
      maxlength: POSTCODE_LIMIT,
      half: true,
    },
    {
      ...text,
      name: `${kind}AdministrativeArea`,
      label: t('label_area'),
      autocomplete: `${kind} address-level1`,
      required: false,
    },
  ]
}

function custom(fields: FormFields, t: Messages): FieldSpec[] {
  return fields.custom.map((field) => ({
    name: `customFields[${field.key}]` as const,
    section: 'extra',
    label: field.label,
    required: !field.optional,
    ...(field.defaultValue === undefined ? {} : { defaultValue: field.defaultValue }),
    ...(field.type === 'dropdown'
      ? { rule: 'choice', choices: field.options, prompt: t('dropdown_choose'), maxlength: TEXT_LIMIT }
      : {
          rule: field.type === 'numeric' ? 'digits' : 'text',
          maxlength: field.maximumLength ?? 255,
          ...(field.minimumLength === undefined ? {} : { minlength: field.minimumLength }),
        }),
  }))
}
