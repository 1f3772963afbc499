import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestTill } from '../../test/support/till.ts'

const till = await startTestTill(import.meta.url)
after(till.stop)

test('an approved card completes the session, books the money and tells three events', async () => {
  const session = await till.openSession()
  const attempt = await till.pay(session, '4242424242424242')
  assert.equal(attempt.session?.state, 'complete')
  assert.equal(attempt.payment.state, 'succeeded')
  assert.equal(attempt.charge.state, 'captured')
  assert.equal(attempt.charge.captured, session.amountTotal)
  assert.deepEqual(await till.eventTypes(), [
    'checkout.session.created',
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
    'checkout.session.completed',
  ])
  const balances = await till.storage.readBalances(session.tenant)
  assert.deepEqual(
    balances.map(({ account, amount }) => [account, amount]),
    [
      ['receivable', session.amountTotal],
      ['sales', -session.amountTotal],
    ],
  )
})
