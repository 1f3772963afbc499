import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseShopper } from './bag.ts'
import { isOrderId, isSameOrder, newOrderId, note, Orders } from './orders.ts'

const SHOPPER = parseShopper(new URLSearchParams('bag=the-salt-atlas.1'))
const AT = new Date('2026-01-02T03:04:05Z')

test('ids are of our own form, and no two are alike', () => {
  const ids = Array.from({ length: 100 }, newOrderId)
  assert.equal(new Set(ids).size, 100)
  assert.ok(ids.every(isOrderId))
  for (const wrong of [null, '', 'order_', 'order_../../etc/passwd00000', `${ids[0]}a`]) assert.ok(!isOrderId(wrong))
})

test('the order book forgets the oldest order after a thousand', () => {
  const orders = new Orders()
  const ids = Array.from({ length: 1001 }, newOrderId)
  for (const id of ids) orders.place(id, SHOPPER)
  assert.equal(orders.find(ids[0]), undefined)
  assert.equal(orders.find(ids[1])?.number, 1002)
  assert.equal(orders.find(ids[1000])?.number, 2001)
})

test('a form is of the same order only with the same books and the same currency', () => {
  const order = new Orders().place(newOrderId(), SHOPPER)
  assert.ok(isSameOrder(order, SHOPPER))
  assert.ok(!isSameOrder(order, { ...SHOPPER, currency: 'jpy' }))
  assert.ok(!isSameOrder(order, parseShopper(new URLSearchParams('bag=the-salt-atlas.2'))))
})

test('the same news again counts up, and a story has an end', () => {
  let order = new Orders().place(newOrderId(), SHOPPER)
  for (let round = 0; round < 3; round += 1) order = note(order, { kind: 'browser_returned' }, AT)
  assert.deepEqual(order.story, [{ signal: { kind: 'browser_returned' }, at: AT, times: 3, decisive: false }])
  for (let round = 0; round < 100; round += 1) order = note(order, { kind: 'mismatch', source: `cs_${round}` }, AT)
  assert.equal(order.story.length, 40)
  assert.equal(note(order, { kind: 'read_back', found: 'complete, paid' }, AT, true).story.length, 41)
})
