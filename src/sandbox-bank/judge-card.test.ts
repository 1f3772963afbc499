import assert from 'node:assert/strict'
import { test } from 'node:test'
import { judgeCard, type PresentedCard } from './judge-card.ts'

const VISA: PresentedCard = {
  number: '4242424242424242',
  expMonth: 11,
  expYear: 2026,
  cvc: undefined,
  name: undefined,
  postalCode: undefined,
}
const HSRC: PresentedCard = { ...VISA, number: '4991001823456701', expMonth: 5, expYear: 2028 }
const IN_MONTH = '2026-11-30T23:59:59.999Z'

const CASES: readonly [string, PresentedCard, string, string | undefined][] = [
  ['is good through the last moment of its month', VISA, IN_MONTH, undefined],
  ['has expired in the next', VISA, '2026-12-01T00:00:00Z', 'expired_card'],
  ['expires at the turn of the year', { ...VISA, expMonth: 12 }, '2027-01-01T00:00:00Z', 'expired_card'],
  [
    'with an expired date is told so before its own decline',
    { ...VISA, number: '4000000000009995', expYear: 2025 },
    IN_MONTH,
    'expired_card',
  ],
  ['that is no test card is never approved', { ...VISA, number: '4532015112830366' }, IN_MONTH, 'testmode_decline'],
  [
    'that is no test card and fails Luhn is a wrong number',
    { ...VISA, number: '4532015112830367' },
    IN_MONTH,
    'incorrect_number',
  ],
  ['of the open sandbox needs no CVC', HSRC, IN_MONTH, undefined],
  ['of the open sandbox with its CVC', { ...HSRC, cvc: '123' }, IN_MONTH, undefined],
  ['of the open sandbox with another CVC', { ...HSRC, cvc: '124' }, IN_MONTH, 'invalid_card_details'],
  ['of the open sandbox with another month', { ...HSRC, expMonth: 6 }, IN_MONTH, 'invalid_card_details'],
  ['of the open sandbox with another year', { ...HSRC, expYear: 2029 }, IN_MONTH, 'invalid_card_details'],
]
for (const [name, card, now, expected] of CASES)
  test(`a card ${name}`, () => assert.equal(judgeCard(card, new Date(now)).decline?.code, expected))

test('what was not sent is not checked', () => {
  const { cvcCheck, postalCheck } = judgeCard(VISA, new Date(IN_MONTH))
  assert.deepEqual([cvcCheck, postalCheck], ['unavailable', 'unavailable'])
})
