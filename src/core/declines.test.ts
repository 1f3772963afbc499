import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { DECLINE_CODES, declineFacts, shownDeclineClass } from './declines.ts'

test('the shopper cannot tell a lost or stolen card from any other decline by the bank', () => {
  for (const code of ['lost_card', 'stolen_card', 'pickup_card', 'restricted_card', 'fraudulent', 'call_issuer']) {
    assert.equal(declineFacts(code).class, 'bank', code)
    assert.equal(declineFacts(code).message, declineFacts('generic_decline').message, code)
  }
})

test('a code nobody has heard of is a decline by the bank, never a crash', () => {
  fc.assert(
    fc.property(fc.string(), (code) => {
      const facts = declineFacts(code)
      assert.ok(facts.message.length > 0)
      if (!(DECLINE_CODES as readonly string[]).includes(code)) assert.deepEqual(facts, declineFacts('generic_decline'))
    }),
  )
  for (const trap of ['__proto__', 'constructor', 'toString', '']) assert.equal(declineFacts(trap).class, 'bank')
})

test('exactly the details class names a field', () => {
  for (const code of DECLINE_CODES) {
    const facts = declineFacts(code)
    assert.equal(facts.field !== undefined, facts.class === 'details', code)
  }
})

const STRIPE_NAMES: readonly [string, string, string | undefined][] = [
  ['generic_decline', 'card_declined', 'generic_decline'],
  ['insufficient_funds', 'card_declined', 'insufficient_funds'],
  ['lost_card', 'card_declined', 'lost_card'],
  ['stolen_card', 'card_declined', 'stolen_card'],
  ['expired_card', 'expired_card', undefined],
  ['incorrect_cvc', 'incorrect_cvc', undefined],
  ['processing_error', 'processing_error', undefined],
]
for (const [ours, code, declineCode] of STRIPE_NAMES) {
  test(`${ours} has the names Stripe's clients know`, () => {
    assert.equal(declineFacts(ours).code, code)
    assert.equal(declineFacts(ours).declineCode, declineCode)
  })
}

test('the fourth decline says no more than a bank would', () => {
  assert.equal(shownDeclineClass('incorrect_cvc', 3), 'details')
  for (const code of DECLINE_CODES) assert.equal(shownDeclineClass(code, 4), 'bank')
})
