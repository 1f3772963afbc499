import assert from 'node:assert/strict'
import { test } from 'node:test'
import { FORM } from '../../test/support/page-models.ts'
import { DECLINE_CODES, shownDeclineClass } from '../core/declines.ts'
import { messagesFor } from './messages.ts'
import { renderPayErrors, renderPayNotice } from './protocol.ts'

const t = messagesFor('en')

test('field errors carry the code, the sentence of the page and the next attempt', () => {
  const screen = { ...FORM, attempt: 'next' }
  assert.deepEqual(renderPayErrors(screen, { cardNumber: 'number_wrong', email: 'email_wrong' }, t), {
    errors: { email: 'email_wrong', cardNumber: 'number_wrong' },
    messages: {
      email: 'Enter an email address like name@example.com',
      cardNumber: 'Check your card number. A digit is missing or wrong',
    },
    attempt: 'next',
  })
})

test('every code of one class is the same bytes to the shopper', () => {
  const bytes = new Map<string, Set<string>>()
  for (const code of DECLINE_CODES) {
    const shown = shownDeclineClass(code, 1)
    const answer = JSON.stringify(renderPayNotice(shown, 'next', true, t))
    bytes.set(shown, (bytes.get(shown) ?? new Set()).add(answer))
  }
  assert.equal(bytes.size, 7)
  for (const [shown, answers] of bytes) assert.equal(answers.size, 1, shown)
})
