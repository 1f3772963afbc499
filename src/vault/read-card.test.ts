import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readCardFields } from './read-card.ts'
import { takeParameters } from './take-parameters.ts'

const now = new Date('2026-01-02T03:04:05Z')
const testNumbers = new Set<string>()
const CARD = { pan: '4242424242424242', month: '12', year: '34' }

function read(data: object, codeOptional: boolean, place: 'hsrc' | 'bpc' = 'hsrc') {
  const body = Buffer.from(JSON.stringify({ payment_method: { data } }))
  const { card } = takeParameters(body, 'json', place, () => 'a name')
  return readCardFields(card?.reveal() ?? assert.fail('no card'), { now, testNumbers, codeOptional })
}

test('a code that was not sent is none in test mode, and is missed where money moves', () => {
  const without = read(CARD, true)
  assert.deepEqual([without.ok, without.ok && without.code], [true, undefined])
  assert.deepEqual(read(CARD, false), { ok: false, errors: { cardCvc: 'code_empty' } })
})

test('a code that was sent is judged in both, by either of its names', () => {
  for (const codeOptional of [true, false]) {
    for (const name of ['cvv', 'cvc']) {
      const good = read({ ...CARD, [name]: '123' }, codeOptional)
      assert.deepEqual([good.ok, good.ok && good.code], [true, '123'])
      assert.deepEqual(read({ ...CARD, [name]: '12' }, codeOptional), { ok: false, errors: { cardCvc: 'code_length' } })
      assert.deepEqual(read({ ...CARD, [name]: '' }, codeOptional), { ok: false, errors: { cardCvc: 'code_empty' } })
    }
  }
})
