import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BOOKS } from './books.ts'
import { CURRENCIES, CURRENCY_CODES, formatMoney } from './money.ts'

test('minor units become the amount that a person reads, with 2, 0 and 3 decimals', () => {
  assert.equal(formatMoney(1650, 'eur'), '€16.50')
  assert.equal(formatMoney(5, 'eur'), '€0.05')
  assert.equal(formatMoney(1650, 'jpy'), '¥1,650')
  assert.equal(formatMoney(1650, 'kwd'), 'KWD\u00a01.650')
  assert.equal(formatMoney(7, 'kwd'), 'KWD\u00a00.007')
})

test('no float stands between the digits and the page', () => {
  assert.equal(formatMoney(Number.MAX_SAFE_INTEGER, 'eur'), '€90,071,992,547,409.91')
  for (const wrong of [0.5, -1, Number.NaN, 2 ** 53]) assert.throws(() => formatMoney(wrong, 'eur'), RangeError)
})

for (const code of CURRENCY_CODES) {
  test(`${code} has the decimals here that Intl knows for it`, () => {
    const format = new Intl.NumberFormat('en', { style: 'currency', currency: code })
    assert.equal(format.resolvedOptions().maximumFractionDigits, CURRENCIES[code].decimals)
  })
}

test('every book has a price in every currency, and a dinar price ends in 0', () => {
  for (const { price } of BOOKS) {
    for (const code of CURRENCY_CODES) assert.ok(Number.isSafeInteger(price[code]) && price[code] > 0)
    assert.equal(price.kwd % 10, 0)
  }
})
