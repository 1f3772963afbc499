import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { formatMoney } from './format-money.ts'

const CASES: readonly [bigint, string, number, string, string][] = [
  [2400n, 'EUR', 2, 'en', '€24.00'],
  [5n, 'EUR', 2, 'en', '€0.05'],
  [1050n, 'JPY', 0, 'en', '¥1,050'],
  [1500n, 'KWD', 3, 'en', 'KWD\u00a01.500'],
  [2400n, 'CAD', 2, 'en-US', 'CA$24.00'],
  [2400n, 'USD', 2, 'en-US', '$24.00'],
  [123456n, 'HUF', 2, 'en', 'HUF\u00a01,234.56'],
  [12345n, 'CLF', 4, 'en', 'CLF\u00a01.2345'],
  [2400n, 'EUR', 2, 'de', '24,00\u00a0€'],
  [9223372036854775807n, 'USD', 2, 'en', '$92,233,720,368,547,758.07'],
]
for (const [minor, currency, exponent, locale, expected] of CASES) {
  test(`${minor} ${currency} in ${locale} reads ${expected}`, () => {
    assert.equal(formatMoney({ minor, currency, exponent }, locale), expected)
  })
}

test('every digit of every amount is shown', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 10n ** 18n }), fc.integer({ min: 0, max: 4 }), (minor, exponent) => {
      const digits = formatMoney({ minor, currency: 'XTS', exponent }, 'en').replace(/\D/g, '')
      assert.equal(BigInt(digits), minor)
    }),
  )
})
