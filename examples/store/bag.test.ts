import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { changeCopies, linesOf, MAX_COPIES, parseBag, parseShopper, renderBag, shopUrl, totalOf } from './bag.ts'
import { BOOKS } from './books.ts'

const CASES = [
  ['nothing', null, ''],
  ['two titles', 'the-salt-atlas.2~soup-for-the-weather.1', 'the-salt-atlas.2~soup-for-the-weather.1'],
  ['a book that we do not have', 'the-salt-atlas.1~war-and-peace.1', 'the-salt-atlas.1'],
  ['no copies', 'the-salt-atlas.0', ''],
  ['too many copies', 'the-salt-atlas.10', ''],
  ['a negative count', 'the-salt-atlas.-1', ''],
  ['a name of the language itself', '__proto__.1~constructor.1', ''],
  ['markup', '<script>.1', ''],
] as const

for (const [name, text, expected] of CASES) {
  test(`a bag with ${name} reads as ${JSON.stringify(expected)}`, () => {
    assert.equal(renderBag(parseBag(text)), expected)
  })
}

test('whatever stands in the address, what is read renders to itself and stays within bounds', () => {
  const slug = fc.constantFrom(...BOOKS.map((book) => book.slug), 'unknown')
  const entry = fc.tuple(slug, fc.integer({ min: -2, max: 12 })).map((parts) => parts.join('.'))
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(entry).map((entries) => entries.join('~')),
      ),
      (text) => {
        const bag = parseBag(text)
        assert.deepEqual(parseBag(renderBag(bag)), bag)
        assert.ok(bag.size <= BOOKS.length)
        for (const copies of bag.values()) assert.ok(copies >= 1 && copies <= MAX_COPIES)
      },
    ),
  )
})

test('copies go up to the limit, and down to none', () => {
  let bag = parseBag(null)
  for (let round = 0; round < 12; round += 1) bag = changeCopies(bag, 'the-salt-atlas', 1)
  assert.equal(bag.get('the-salt-atlas'), MAX_COPIES)
  for (let round = 0; round < 12; round += 1) bag = changeCopies(bag, 'the-salt-atlas', -1)
  assert.equal(bag.size, 0)
  assert.equal(changeCopies(bag, 'war-and-peace', 1).size, 0)
})

test('the total is the sum of the lines in the currency of the address', () => {
  const shopper = parseShopper(new URLSearchParams('bag=the-salt-atlas.2~soup-for-the-weather.1&in=kwd'))
  const [atlas, soup] = linesOf(shopper)
  assert.equal(atlas?.amount, 16500)
  assert.equal(soup?.amount, 9500)
  assert.equal(totalOf(linesOf(shopper)), 26000)
})

test('an unknown currency is the first one, and an address carries bag and currency along', () => {
  assert.equal(parseShopper(new URLSearchParams('in=constructor')).currency, 'eur')
  const shopper = parseShopper(new URLSearchParams('bag=the-salt-atlas.2&in=jpy'))
  assert.equal(shopUrl('/bag', shopper), '/bag?bag=the-salt-atlas.2&in=jpy')
  assert.equal(shopUrl('/', parseShopper(new URLSearchParams())), '/')
})
