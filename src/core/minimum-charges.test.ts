import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CURRENCIES, type Currency } from './currencies.ts'
import { minimumCharge } from './minimum-charges.ts'
import { formatDecimal, MAX_MINOR } from './money.ts'

const PUBLISHED: [string, string][] = [
  ['USD', '0.50'],
  ['EUR', '0.50'],
  ['GBP', '0.30'],
  ['JPY', '50'],
  ['KRW', '50'],
  ['HUF', '175.00'],
  ['CZK', '15.00'],
  ['MXN', '10.00'],
  ['DKK', '2.50'],
]
for (const [code, minimum] of PUBLISHED) {
  test(`${code} begins at ${minimum}`, () => {
    const currency = code as Currency
    assert.equal(formatDecimal({ minor: minimumCharge(currency), currency }), minimum)
  })
}

test('without a published minimum it is one minor unit, and there always is one', () => {
  assert.equal(minimumCharge('KWD' as Currency), 1n)
  for (const currency of CURRENCIES) assert.ok(minimumCharge(currency) >= 1n && minimumCharge(currency) < MAX_MINOR)
})
