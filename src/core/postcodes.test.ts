import assert from 'node:assert/strict'
import { test } from 'node:test'
import { hasPostcodes, parsePostcode, postcodeExample } from './postcodes.ts'

const CASES: readonly [string, string, string][] = [
  ['US', '94103', '94103'],
  ['US', '94103-1234', '94103-1234'],
  ['US', '9410', 'postcode_wrong'],
  ['GB', 'sw1a  1aa', 'SW1A 1AA'],
  ['GB', 'SW1A1AA', 'SW1A1AA'],
  ['GB', '12345', 'postcode_wrong'],
  ['DE', '１０１１５', '10115'],
  ['DE', '1011', 'postcode_wrong'],
  ['CA', 'k1a0b1', 'K1A0B1'],
  ['IE', 'D02 X285', 'D02 X285'],
  ['DE', ' ', 'postcode_empty'],
  ['HK', 'anything', ''],
  ['FR', '<b>', 'postcode_wrong'],
  ['ZZ', '<b>', 'postcode_wrong'],
]
for (const [country, text, expected] of CASES) {
  test(`${country} ${JSON.stringify(text)}`, () => {
    const verdict = parsePostcode(country, text)
    assert.equal(verdict.ok ? verdict.value : verdict.code, expected)
  })
}

test('every example satisfies its own rule', () => {
  for (const country of [
    'US',
    'GB',
    'CA',
    'NL',
    'PL',
    'PT',
    'BR',
    'JP',
    'SE',
    'CZ',
    'SK',
    'GR',
    'LV',
    'DE',
    'AT',
    'IN',
  ]) {
    assert.equal(hasPostcodes(country), true)
    assert.equal(parsePostcode(country, postcodeExample(country)).ok, true, country)
  }
})
