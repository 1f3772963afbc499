import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { CURRENCIES, type Currency, exponentOf } from './currencies.ts'
import { MAX_MINOR } from './money.ts'
import { fromStripeMinor, stripeExponent, toStripeMinor } from './stripe-amounts.ts'

/** docs.stripe.com/currencies, "Zero-decimal currencies"; UGX is on that list and, by a special case, sent in hundredths. */
const ZERO_DECIMAL = 'BIF CLP DJF GNF JPY KMF KRW MGA PYG RWF VND VUV XAF XOF XPF'.split(' ')

test("Stripe's zero-decimal list, but for UYI, which Stripe does not know", () => {
  const ours = CURRENCIES.filter((currency) => stripeExponent(currency) === 0 && currency !== 'UYI')
  assert.deepEqual([...ours].sort(), ZERO_DECIMAL)
})

const CASES: [string, bigint, bigint | undefined][] = [
  ['EUR', 1050n, 1050n],
  ['JPY', 500n, 500n],
  ['KWD', 5120n, 5120n],
  ['ISK', 5n, 500n],
  ['UGX', 5n, 500n],
  ['MGA', 1000n, 10n],
  ['MGA', 1050n, undefined],
  ['HUF', 1001n, 1001n],
]
for (const [currency, minor, wire] of CASES) {
  test(`${minor} of ${currency} is ${wire ?? 'nothing'} on the wire`, () => {
    assert.equal(toStripeMinor({ minor, currency: currency as Currency }), wire)
  })
}

test('half a króna has no ISO amount', () => {
  assert.equal(fromStripeMinor(1050n, 'ISK' as Currency), undefined)
  assert.deepEqual(fromStripeMinor(500n, 'ISK' as Currency), { minor: 5n, currency: 'ISK' })
})

test('what converts comes back, both ways', () => {
  const amount = fc.bigInt({ min: -MAX_MINOR, max: MAX_MINOR })
  fc.assert(
    fc.property(fc.constantFrom(...CURRENCIES), amount, (currency, minor) => {
      const wire = toStripeMinor({ minor, currency })
      if (wire !== undefined) assert.deepEqual(fromStripeMinor(wire, currency), { minor, currency })
      const money = fromStripeMinor(minor, currency)
      if (money) assert.equal(toStripeMinor(money), minor)
      if (stripeExponent(currency) === exponentOf(currency)) assert.equal(wire, minor)
    }),
  )
})
