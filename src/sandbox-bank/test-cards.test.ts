import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DECLINES } from './declines.ts'
import { judgeCard, passesLuhn } from './judge-card.ts'
import { TEST_CARDS } from './test-cards.ts'

const NOW = new Date('2026-11-20T12:00:00Z')

/** What people know these numbers for: the bank's own table is held against this one. */
const KNOWN: Record<string, readonly string[]> = {
  approve: [
    '4242424242424242',
    '4111111111111111',
    '4000056655665556',
    '5555555555554444',
    '2223003122003222',
    '5200828282828210',
    '5105105105105100',
    '378282246310005',
    '371449635398431',
    '6011111111111117',
    '6011000990139424',
    '3056930009020004',
    '36227206271667',
    '3566002020360505',
    '6200000000000005',
    '4444555511113333',
    '5555555555555599',
    '4000001111111118',
    '5168494895055780',
    '4991001823456701',
    '5991029876543210',
    '379103823456701',
    '9792049876543211',
    '4992001234567890',
    '6295018765432109',
    '4000000000000077',
    '4000000000000101',
    '4000000000000036',
    '4000000000000259',
    '4000000000002685',
    '4000000000001976',
    '4000002760003184',
    '4000002500003155',
    '4000000000003220',
    '4000000000003055',
    '4000000000007726',
    '4000000000005126',
  ],
  generic_decline: ['4000000000000002', '4000000000000341', '4000008400001629'],
  insufficient_funds: ['4000000000009995', '4000008260003178'],
  lost_card: ['4000000000009987'],
  stolen_card: ['4000000000009979'],
  expired_card: ['4000000000000069'],
  incorrect_cvc: ['4000000000000127'],
  processing_error: ['4000000000000119'],
  incorrect_number: ['4242424242424241'],
  card_velocity_exceeded: ['4000000000006975'],
}

/** Where another bank's numbers hold a country, ours hold 999. */
const OWN_RANGE = '4000009990000'

test('our own numbers are sixteen digits that pass the Luhn check', () => {
  const own = TEST_CARDS.filter(({ number }) => number.startsWith(OWN_RANGE))
  assert.ok(own.length >= 10)
  for (const { number, id } of own) {
    assert.ok(passesLuhn(number) && number.length === 16, id)
    assert.equal(TEST_CARDS.filter((card) => card.number === number).length, 1)
  }
})

test('the table holds every known number, with its outcome, and no other', () => {
  const others = TEST_CARDS.filter(({ number }) => !number.startsWith(OWN_RANGE))
  const table = others.map(({ number, outcome }) => `${outcome} ${number}`).sort()
  const known = Object.entries(KNOWN).flatMap(([outcome, numbers]) => numbers.map((number) => `${outcome} ${number}`))
  assert.deepEqual(table, known.sort())
  assert.equal(new Set(TEST_CARDS.map(({ id }) => id)).size, TEST_CARDS.length)
})

for (const card of TEST_CARDS)
  test(`${card.id} is judged as published`, () => {
    const length = card.brand === 'amex' ? 4 : 3
    const judged = judgeCard(
      {
        number: card.number,
        expMonth: card.expiry === 'any' ? 12 : card.expiry.month,
        expYear: card.expiry === 'any' ? 2034 : card.expiry.year,
        cvc: card.cvc === 'any' || card.cvc === 'fails' ? '7'.repeat(length) : card.cvc,
        name: undefined,
        postalCode: '10115',
      },
      NOW,
    )
    assert.deepEqual(judged.decline, card.outcome === 'approve' ? undefined : DECLINES[card.outcome])
    assert.equal(judged.cvcCheck, card.cvc === 'fails' ? 'fail' : 'pass')
    assert.equal(judged.postalCheck, card.postal === 'fails' ? 'fail' : 'pass')
    assert.equal(judged.testCard, card.id)
    assert.ok(!JSON.stringify(judged).includes(card.number))
  })
