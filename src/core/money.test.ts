import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CURRENCIES, type Currency, exponentOf } from './currencies.ts'
import {
  add,
  compare,
  formatDecimal,
  MAX_MINOR,
  type Money,
  multiply,
  parseDecimal,
  parseMinor,
  parseMinorText,
  sayMoney,
  subtract,
} from './money.ts'

const [EUR, JPY, KWD, CLF] = ['EUR', 'JPY', 'KWD', 'CLF'] as Currency[] as [Currency, Currency, Currency, Currency]
const currency = fc.constantFrom(...CURRENCIES)
const minor = fc.bigInt({ min: 0n, max: MAX_MINOR })
const money = fc.record({ minor, currency }, { noNullPrototype: true })

test('sums, differences and order, in one currency', () => {
  fc.assert(
    fc.property(currency, minor, minor, (of, a, b) => {
      const [x, y]: Money[] = [
        { minor: a, currency: of },
        { minor: b, currency: of },
      ]
      assert.ok(x && y)
      assert.deepEqual(add(x, y), { minor: a + b, currency: of })
      assert.deepEqual(subtract(add(x, y), y), x)
      assert.equal(compare(x, y), a < b ? -1 : a > b ? 1 : 0)
    }),
  )
})

test('two currencies never meet', () => {
  fc.assert(
    fc.property(money, money, (x, y) => {
      fc.pre(x.currency !== y.currency)
      for (const operation of [add, subtract, compare]) assert.throws(() => operation(x, y), RangeError)
    }),
  )
})

test('a product is the repeated sum, and a quantity is whole and not negative', () => {
  fc.assert(
    fc.property(money, fc.nat(20), (x, times) => {
      let sum: Money = { minor: 0n, currency: x.currency }
      for (let count = 0; count < times; count++) sum = add(sum, x)
      assert.deepEqual(multiply(x, times), sum)
      assert.deepEqual(multiply(x, BigInt(times)), sum)
    }),
  )
  for (const quantity of [-1, 0.5, Number.NaN, Infinity, 2 ** 53, -1n]) {
    assert.throws(() => multiply({ minor: 1n, currency: EUR }, quantity), RangeError)
  }
})

const JSON_AMOUNTS: [unknown, bigint | undefined][] = [
  [0, 0n],
  [1, 1n],
  [1050, 1050n],
  [999_999_999_999, MAX_MINOR],
  [1050n, 1050n],
  [MAX_MINOR, MAX_MINOR],
  [1e3, 1000n],
  [-0, undefined],
  [-1, undefined],
  [-1n, undefined],
  [10.5, undefined],
  [1_000_000_000_000, undefined],
  [MAX_MINOR + 1n, undefined],
  [2 ** 53, undefined],
  [2 ** 53 + 2, undefined],
  [2 ** 63, undefined],
  [Number.NaN, undefined],
  [Infinity, undefined],
  ['100', undefined],
  ['', undefined],
  [true, undefined],
  [null, undefined],
  [undefined, undefined],
  [[100], undefined],
  [{ valueOf: () => 100 }, undefined],
]
for (const [value, expected] of JSON_AMOUNTS) {
  test(`an amount of ${typeof value} ${Object.is(value, -0) ? '-0' : String(value)} from JSON`, () => {
    assert.equal(parseMinor(value), expected)
  })
}

const FORM_AMOUNTS: [unknown, bigint | undefined][] = [
  ['0', 0n],
  ['1050', 1050n],
  ['999999999999', MAX_MINOR],
  ['1000000000000', undefined],
  ['007', undefined],
  ['00', undefined],
  ['+1', undefined],
  ['-1', undefined],
  ['-0', undefined],
  ['1.0', undefined],
  ['1e2', undefined],
  ['1_000', undefined],
  ['1,000', undefined],
  ['0x10', undefined],
  [' 1', undefined],
  ['1\n', undefined],
  ['１２', undefined],
  ['١٢', undefined],
  ['NaN', undefined],
  ['', undefined],
  [1050, undefined],
  [['1050'], undefined],
]
for (const [value, expected] of FORM_AMOUNTS) {
  test(`an amount of ${typeof value} ${JSON.stringify(value)} from a form`, () => {
    assert.equal(parseMinorText(value), expected)
  })
}

const DECIMALS: [string, Currency, bigint | undefined][] = [
  ['10.50', EUR, 1050n],
  ['10.5', EUR, 1050n],
  ['10', EUR, 1000n],
  ['0.01', EUR, 1n],
  ['0', EUR, 0n],
  ['9999999999.99', EUR, MAX_MINOR],
  ['10000000000.00', EUR, undefined],
  ['10.505', EUR, undefined],
  ['10.500', EUR, undefined],
  ['500', JPY, 500n],
  ['500.0', JPY, undefined],
  ['999999999999', JPY, MAX_MINOR],
  ['5.124', KWD, 5124n],
  ['5.12', KWD, 5120n],
  ['5.1234', KWD, undefined],
  ['1.0001', CLF, 10001n],
  ['1.00001', CLF, undefined],
  ['.50', EUR, undefined],
  ['10.', EUR, undefined],
  ['010.50', EUR, undefined],
  ['-1.00', EUR, undefined],
  ['+1.00', EUR, undefined],
  ['1e2', EUR, undefined],
  ['1,50', EUR, undefined],
  ['1,000.00', EUR, undefined],
  [' 1.00', EUR, undefined],
  ['1.00\n', EUR, undefined],
  ['1.0.0', EUR, undefined],
  ['NaN', EUR, undefined],
  ['Infinity', EUR, undefined],
  ['', EUR, undefined],
]
for (const [text, of, expected] of DECIMALS) {
  test(`${JSON.stringify(text)} as ${of}`, () => assert.equal(parseDecimal(text, of)?.minor, expected))
}

test('every amount in every currency comes back from its decimals', () => {
  fc.assert(
    fc.property(money, (x) => {
      const text = formatDecimal(x)
      assert.deepEqual(parseDecimal(text, x.currency), x)
      assert.equal(text.split('.')[1]?.length ?? 0, exponentOf(x.currency))
    }),
  )
})

test('a negative amount of ours is shown with its sign', () => {
  assert.equal(formatDecimal({ minor: -5n, currency: EUR }), '-0.05')
  assert.equal(formatDecimal({ minor: -1050n, currency: JPY }), '-1050')
})

test('an amount is said in its currency, and one of a currency that is none any more by its number', () => {
  assert.equal(sayMoney(50n, 'EUR'), '0.50 EUR')
  assert.equal(sayMoney(1050n, 'JPY'), '1050 JPY')
  assert.equal(sayMoney(1050n, 'KWD'), '1.050 KWD')
  assert.equal(sayMoney(1050n, 'HRK'), '1050 HRK')
})

test('parsers answer anything with an amount in range or undefined', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true }), currency, (value, of) => {
      for (const parsed of [parseMinor(value), parseMinorText(value), parseDecimal(value, of)?.minor]) {
        assert.ok(parsed === undefined || (parsed >= 0n && parsed <= MAX_MINOR))
      }
    }),
  )
})

test('a hundred of the largest lines stay exact as a JSON number', () => {
  assert.ok(Number(MAX_MINOR * 100n) <= Number.MAX_SAFE_INTEGER)
})
