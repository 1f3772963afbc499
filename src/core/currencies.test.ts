import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CURRENCIES, type Currency, exponentOf, FUNDS_CODES, NOT_CHARGEABLE, parseCurrency } from './currencies.ts'

/** What Node's ICU still or not yet lists beside us, with the reason. */
const IN_INTL_ONLY = new Map([
  ['ANG', 'became XCG on 2025-03-31'],
  ['BGN', 'became EUR on 2026-01-01'],
  ['CUC', 'withdrawn in Cuba'],
  ['SLL', 'became SLE'],
  ['XDR', 'not money of anybody'],
  ['XSU', 'not money of anybody'],
  ['HRK', 'became EUR on 2023-01-01'],
  ['ZWL', 'became ZWG'],
])

test('every active code that Intl knows is ours, and every other one has its reason', () => {
  for (const code of Intl.supportedValuesOf('currency')) {
    assert.equal(parseCurrency(code) === undefined, IN_INTL_ONLY.has(code), code)
  }
})

test('what Intl does not list are funds codes and VED', () => {
  const known = new Set(Intl.supportedValuesOf('currency'))
  assert.deepEqual(CURRENCIES.filter((code) => !known.has(code)).sort(), [...FUNDS_CODES, 'VED'].sort())
})

test('the list has no code twice, and none of it is in the list of what is not money', () => {
  assert.equal(new Set(CURRENCIES).size, CURRENCIES.length)
  assert.equal(CURRENCIES.length + NOT_CHARGEABLE.size, 178)
  for (const code of CURRENCIES) assert.match(code, /^[A-Z]{3}$/)
  for (const code of NOT_CHARGEABLE) assert.equal(parseCurrency(code), undefined, code)
  for (const code of FUNDS_CODES) assert.equal(parseCurrency(code), code)
})

const EXPONENTS: [string, number][] = [
  ['EUR', 2],
  ['JPY', 0],
  ['ISK', 0],
  ['UGX', 0],
  ['KRW', 0],
  ['UYI', 0],
  ['BHD', 3],
  ['KWD', 3],
  ['IQD', 3],
  ['TND', 3],
  ['CLF', 4],
  ['UYW', 4],
  ['MGA', 2],
  ['MRU', 2],
  ['HUF', 2],
  ['IDR', 2],
  ['XCG', 2],
]
for (const [code, exponent] of EXPONENTS) {
  test(`${code} has ${exponent} decimals`, () => {
    const currency = parseCurrency(code)
    assert.ok(currency)
    assert.equal(exponentOf(currency), exponent)
  })
}

test('Intl disagrees about decimals for seventeen codes or so, and is never asked', () => {
  const disagreeing = CURRENCIES.filter((currency) => {
    const { maximumFractionDigits } = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions()
    return maximumFractionDigits !== exponentOf(currency)
  })
  for (const code of ['COP', 'HUF', 'IDR', 'IQD', 'PKR']) assert.ok(disagreeing.includes(code as Currency), code)
  assert.ok(!disagreeing.includes('EUR' as Currency) && disagreeing.length < 25)
})

const REFUSED = [
  ...['HRK', 'BGN', 'SLL', 'ANG', 'CUC', 'ZWL', 'VEF', 'DEM', 'MRO', 'BYR', 'USS'],
  ...['XXX', 'XTS', 'XAU', 'xxx', 'ZZZ', 'AAA', 'BTC', 'Eur', 'eUR', 'EURO', 'EU', '', ' EUR', 'EUR ', 'EUR\n'],
  ...['u\u017fd', 'ＥＵＲ', '978', 'constructor', '__proto__', 'toString'],
]
for (const text of REFUSED) {
  test(`${JSON.stringify(text)} is no currency to charge in`, () => assert.equal(parseCurrency(text), undefined))
}

test('both cases give the same upper-case code', () => {
  for (const code of CURRENCIES)
    assert.deepEqual([parseCurrency(code), parseCurrency(code.toLowerCase())], [code, code])
})

test('anything at all is either a code of the list or undefined', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const currency = parseCurrency(value)
      assert.ok(currency === undefined || CURRENCIES.includes(currency))
    }),
  )
  assert.equal(parseCurrency(['EUR']), undefined)
})
