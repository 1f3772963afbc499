import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Currency } from '../../../core/currencies.ts'
import { Refused } from '../../errors.ts'
import { parseBasket } from './basket.ts'
import type { CreateSessionBody } from './parameters.ts'

const USD = 'USD' as Currency
const BODY: CreateSessionBody = {
  merchantId: 'ozu_abc',
  merchantName: 'Acme Store',
  successUrl: 'https://shop.example/s',
  cancelUrl: 'https://shop.example/c',
  errorUrl: 'https://shop.example/e',
}

function surcharge(amount: string, surchargePercent: string, currency = USD): bigint | undefined {
  const lines = parseBasket({ ...BODY, amount, surchargePercent }, currency)
  const own = lines.filter(({ kind }) => kind === 'surcharge')
  assert.ok(own.length <= 1)
  const line = own[0]
  return line && 'priceData' in line ? line.priceData.unitAmount : undefined
}

const CASES: readonly (readonly [amount: string, percent: string, expected: bigint | undefined, currency?: string])[] =
  [
    ['25.00', '3.00', 75n],
    ['25.00', '3', 75n],
    ['25.01', '2.5', 63n],
    ['0.50', '3', 2n],
    ['0.50', '1', 1n],
    ['0.49', '1', undefined],
    ['10.00', '0', undefined],
    ['10.00', '0.0000', undefined],
    ['33.33', '2.9999', 100n],
    ['1.00', '0.5', 1n],
    ['1.00', '0.4999', undefined],
    ['2500', '2.5', 63n, 'JPY'],
    ['1.000', '3', 30n, 'BHD'],
    ['9999999999.99', '3', 30_000_000_000n],
  ]
for (const [amount, percent, expected, currency = 'USD'] of CASES) {
  test(`${percent} % of ${amount} ${currency} is ${expected ?? 'no line'}`, () => {
    assert.equal(surcharge(amount, percent, currency as Currency), expected)
  })
}

test('a surcharge is the nearest smallest unit, and the higher of two as near', () => {
  const percents = fc.tuple(fc.integer({ min: 0, max: 2 }), fc.integer({ min: 0, max: 9999 }))
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 99_999_999n }), percents, (minor, [whole, fraction]) => {
      const amount = `${minor / 100n}.${String(minor % 100n).padStart(2, '0')}`
      const got = surcharge(amount, `${whole}.${String(fraction).padStart(4, '0')}`) ?? 0n
      // In millionths of a cent, where nothing is rounded.
      const off = got * 1_000_000n - minor * BigInt(whole * 10_000 + fraction)
      assert.ok(off > -500_000n && off <= 500_000n, `${off}`)
    }),
  )
})

test('more than the limit is refused, however little', () => {
  for (const percent of ['3.0001', '3.01', '4', '30']) {
    assert.throws(() => surcharge('25.00', percent), Refused)
  }
})

test('a surcharge is on all items together, not on each', () => {
  const items = Array.from({ length: 3 }, () => ({ name: 'Pin', qty: 1, unitPrice: '0.49' }))
  const lines = parseBasket({ ...BODY, items, surchargePercent: '1' }, USD)
  const own = lines.at(-1)
  assert.equal(own?.kind, 'surcharge')
  assert.equal(own && 'priceData' in own ? own.priceData.unitAmount : 0n, 1n)
})
