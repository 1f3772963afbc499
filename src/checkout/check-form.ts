import { asciiDigits, parseCardName, parseEmail } from '../core/card-fields.ts'
import { isCountry } from '../core/countries.ts'
import { containsPan } from '../core/pan-in-text.ts'
import { parsePostcode } from '../core/postcodes.ts'
import { asksBothAddresses } from './collected.ts'
import { emptyCode } from './field-messages.ts'
import { type FieldSpec, fieldsOf } from './fields.ts'
import { messagesFor } from './messages.ts'
import {
  type FieldErrorCode,
  type FieldErrors,
  type FieldName,
  type FieldValues,
  type FormFields,
  SAME_ADDRESS,
} from './screens/form.ts'

type Checked = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly code: FieldErrorCode }

/**
 * Judges everything on the form but the card itself, which is the vault's.
 * @param posted the decoded fields; what the form did not ask for is ignored
 * @returns cleaned values, and the typed ones where a field is refused, so that nothing has to be typed again
 */
export function checkForm(
  fields: FormFields,
  posted: Readonly<Record<string, string | undefined>>,
): { readonly values: FieldValues; readonly errors: FieldErrors } {
  const values: Partial<Record<FieldName, string>> = {}
  const errors: Partial<Record<FieldName, FieldErrorCode>> = {}
  const same = asksBothAddresses(fields) && Object.hasOwn(posted, SAME_ADDRESS)
  if (same) values[SAME_ADDRESS] = 'on'
  for (const field of fieldsOf(fields, messagesFor('en'))) {
    if (same && field.section === 'billing') continue
    const typed = Object.hasOwn(posted, field.name) ? (posted[field.name] ?? '') : ''
    if (field.name === 'cardExpiry') values[field.name] = typed
    if (field.rule === 'number' || field.rule === 'expiry' || field.rule === 'code') continue
    const checked = checkField(field, typed, posted)
    if (checked.ok) values[field.name] = checked.value
    else errors[field.name] = checked.code
    // A card number or a security code in the wrong box is not handed back to the page either.
    const isCard = !checked.ok && (checked.code === 'name_number' || containsPan(typed))
    if (!checked.ok && !isCard) values[field.name] = typed.slice(0, 300)
  }
  return { values, errors }
}

function checkField(field: FieldSpec, typed: string, posted: Readonly<Record<string, string | undefined>>): Checked {
  // Breaks become spaces; what turns a line around is dropped, for it would turn the merchant's screens around too.
  const text = typed
    .replace(/[\u202a-\u202e\u2066-\u2069]/g, '')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}\s]+/gu, ' ')
    .trim()
  if (field.kept && text === '') return { ok: true, value: '' }
  // Only a country that has postcodes can leave one unanswered.
  if (field.rule === 'postcode' && !containsPan(text)) {
    return parsePostcode(posted[field.name.replace('PostalCode', 'Country')] ?? '', text)
  }
  if (text === '') return field.required ? { ok: false, code: emptyCode(field) } : { ok: true, value: '' }
  if (holdsPan(field, text)) return { ok: false, code: panCode(field) }
  if (field.rule === 'name') return parseCardName(text)
  if (field.rule === 'email') return parseEmail(text)
  if (field.rule === 'country') {
    return isCountry(text) && isChoice(field, text) ? { ok: true, value: text } : { ok: false, code: 'country_refused' }
  }
  if (field.rule === 'phone') {
    const phone = asciiDigits(text)
    return /^\+?[\d\s()./-]{5,30}$/.test(phone) ? { ok: true, value: phone } : { ok: false, code: 'phone_wrong' }
  }
  if (field.rule === 'choice') {
    return isChoice(field, text) ? { ok: true, value: text } : { ok: false, code: 'field_choice' }
  }
  const value = field.rule === 'digits' ? asciiDigits(text) : text
  if (field.rule === 'digits' && !/^\d+$/.test(value)) return { ok: false, code: 'field_digits' }
  if (value.length > field.maxlength) return { ok: false, code: 'field_long' }
  return value.length < (field.minlength ?? 0) ? { ok: false, code: 'field_short' } : { ok: true, value }
}

/** Numbers of phones have up to 15 digits (ITU-T E.164), of which short ones look like old card numbers by chance. */
function holdsPan(field: FieldSpec, text: string): boolean {
  return containsPan(text) && (field.rule !== 'phone' || asciiDigits(text).replace(/\D/g, '').length >= 14)
}

/** A card number in the wrong box, in the words of that box. */
function panCode({ rule }: FieldSpec): FieldErrorCode {
  if (rule === 'name') return 'name_number'
  if (rule === 'email') return 'email_wrong'
  if (rule === 'phone') return 'phone_wrong'
  return rule === 'postcode' ? 'postcode_wrong' : 'field_card'
}

function isChoice(field: FieldSpec, value: string): boolean {
  return field.choices?.some((choice) => choice.value === value) === true
}
