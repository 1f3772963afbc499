import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { checkForm } from './check-form.ts'
import { fieldsOf } from './fields.ts'
import { messagesFor } from './messages.ts'
import type { FormFields } from './screens/form.ts'

const BARE: FormFields = { email: true, phone: false, billing: 'none', custom: [] }
const ALL: FormFields = {
  email: true,
  phone: true,
  billing: 'full',
  shippingCountries: ['DE', 'HK'],
  custom: [
    { key: 'size', label: 'Size', type: 'dropdown', optional: false, options: [{ value: 's', label: 'Small' }] },
    { key: 'note', label: 'Note', type: 'text', optional: true, minimumLength: 3, maximumLength: 10 },
    { key: 'floor', label: 'Floor', type: 'numeric', optional: true },
  ],
}
const GOOD = {
  email: ' ada@example.com ',
  phoneNumber: '+49 30 1234567',
  billingName: 'Ada  Lovelace',
  billingCountry: 'GB',
  billingPostalCode: 'sw1a 1aa',
  billingAddressLine1: '10 Downing Street',
  billingLocality: 'London',
  shippingName: 'Ada',
  shippingCountry: 'HK',
  shippingAddressLine1: '1 Harbour Road',
  shippingLocality: 'Hong Kong',
  'customFields[size]': 's',
  cardNumber: '4242424242424242',
  cardCvc: '123',
}

test('a good form is cleaned, and holds nothing of the card', () => {
  const { values, errors } = checkForm(ALL, GOOD)
  assert.deepEqual(errors, {})
  assert.equal(values.email, 'ada@example.com')
  assert.equal(values.billingName, 'Ada Lovelace')
  assert.equal(values.billingPostalCode, 'SW1A 1AA')
  assert.equal(values.shippingPostalCode, '')
  assert.ok(!JSON.stringify(values).includes('4242') && !('cardCvc' in values))
})

test('an empty form names every required field, in the order of the page', () => {
  const { errors } = checkForm(ALL, {})
  assert.deepEqual(Object.entries(errors), [
    ['email', 'email_wrong'],
    ['phoneNumber', 'phone_wrong'],
    ['shippingName', 'field_empty'],
    ['shippingCountry', 'country_empty'],
    ['shippingAddressLine1', 'field_empty'],
    ['shippingLocality', 'field_empty'],
    ['shippingPostalCode', 'postcode_empty'],
    ['customFields[size]', 'field_choice'],
    ['billingName', 'name_empty'],
    ['billingCountry', 'country_empty'],
    ['billingAddressLine1', 'field_empty'],
    ['billingLocality', 'field_empty'],
    ['billingPostalCode', 'postcode_empty'],
  ])
})

const REFUSED: readonly [string, string, string][] = [
  ['shippingCountry', 'MO', 'country_refused'],
  ['billingCountry', 'XX', 'country_refused'],
  ['billingPostalCode', '12', 'postcode_wrong'],
  ['phoneNumber', 'call me', 'phone_wrong'],
  ['customFields[size]', 'xl', 'field_choice'],
  ['customFields[note]', 'ab', 'field_short'],
  ['customFields[note]', 'abcdefghijk', 'field_long'],
  ['customFields[floor]', '2b', 'field_digits'],
  ['customFields[floor]', '4242424242424242', 'field_card'],
  ['billingAddressLine1', 'card 4242 4242 4242 4242', 'field_card'],
]
for (const [name, value, code] of REFUSED) {
  test(`${name} ${JSON.stringify(value)} is ${code}`, () => {
    const { errors, values } = checkForm(ALL, { ...GOOD, [name]: value })
    assert.deepEqual(errors, { [name]: code })
    if (code === 'field_card') assert.ok(!JSON.stringify(values).includes('4242'), 'a card number is not handed back')
    else assert.equal(values[name as keyof typeof values], value, 'what was typed is kept')
  })
}

test('what the form did not ask for is ignored', () => {
  const { values, errors } = checkForm(BARE, { ...GOOD, admin: 'true' })
  assert.deepEqual(errors, {})
  assert.ok(!('phoneNumber' in values) && !('admin' in values) && !('billingCountry' in values))
})

test('names from the prototype are no answers', () => {
  const fields: FormFields = { ...BARE, custom: [{ key: 'x', label: 'X', type: 'text', optional: false }] }
  const posted = Object.create({ 'customFields[x]': 'inherited', email: 'a@b.co' })
  assert.deepEqual(Object.keys(checkForm(fields, posted).errors), ['email', 'customFields[x]', 'billingName'])
})

test('any text in any field is answered, never thrown at', () => {
  const names = fieldsOf(ALL, messagesFor('en')).map(({ name }) => name)
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...names), fc.string({ unit: 'binary' })), (posted) => {
      const { values, errors } = checkForm(ALL, posted as Record<string, string>)
      for (const value of Object.values(values))
        assert.ok(!/\p{Cc}/u.test(value ?? '') || Object.keys(errors).length > 0)
    }),
  )
})
