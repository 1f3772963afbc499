import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestTill } from '../../test/support/till.ts'
import type { Door } from '../core/session.ts'

const till = await startTestTill(import.meta.url)
after(till.stop)

const OUT_OF_SERVICE = '4000009990000153'
const KEY_REFUSED = '4000009990000161'

async function payThrough(door: Door, number: string) {
  const session = await till.openSession({ maxTries: 3 }, { caller: { ...till.caller, door } })
  const { charge, payment, session: after } = await till.pay(session, number)
  return {
    session: after?.state,
    payment: payment.state,
    charge: charge.state,
    decline: charge.document.decline,
    taken: charge.captured + charge.held,
  }
}

for (const door of ['native', 'bpc'] as const) {
  test(`a provider that is out of service leaves a session of ${door} open for another try`, async () => {
    assert.deepEqual(await payThrough(door, OUT_OF_SERVICE), {
      session: 'open',
      payment: 'requires_payment_method',
      charge: 'failed',
      decline: { code: 'processing_error', raw: 'not_received' },
      taken: 0n,
    })
  })
}

test('a provider that is out of service ends a session whose shop has a page for that', async () => {
  const { session, charge, taken } = await payThrough('ozura', OUT_OF_SERVICE)
  assert.deepEqual([session, charge, taken], ['failed', 'failed', 0n])
})

test('a decline leaves such a session open like any other', async () => {
  assert.equal((await payThrough('ozura', '4000000000000002')).session, 'open')
  assert.equal((await payThrough('ozura', '4000000000000119')).session, 'open')
})

for (const door of ['native', 'ozura'] as const) {
  test(`a provider that does not know the shop ends a session of ${door}: no card can change that`, async () => {
    assert.deepEqual(await payThrough(door, KEY_REFUSED), {
      session: 'failed',
      payment: 'requires_payment_method',
      charge: 'declined',
      decline: { code: 'credentials_refused', raw: 'unauthorized' },
      taken: 0n,
    })
  })
}
