import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, beforeEach, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { atBank, bankBooks, confirmInput, eventsOf, payAndWait, viewOf } from '../../test/support/paying.ts'
import { startTestTill } from '../../test/support/till.ts'
import { nameOf } from '../core/ids.ts'
import type { Session } from '../core/session.ts'
import { screenFor } from '../core/session-machine.ts'
import type { Fault, FaultPoint } from '../sandbox-bank/faults.ts'
import { beginAttempt } from './confirm.ts'
import { observeCharge } from './observe-charge.ts'
import { sweepOrders } from './sweep.ts'

const MINUTE = 60_000
const GOOD = '4242424242424242'
const env = testEnv()
/** The next authorization's fault; everything else works. */
let fault: { at: FaultPoint; is: Fault } | undefined
const till = await startTestTill(import.meta.url, {
  env,
  faults: async (point, { method }) => (fault?.at === point && method === 'POST' ? fault.is : undefined),
})
after(till.stop)
beforeEach(() => {
  fault = undefined
})
const hasty = atBank(till)
const askLater = async (payments = hasty.payments, ms = 61 * MINUTE): Promise<void> => {
  await env.advance(ms)
  await sweepOrders(payments)
}
const screenOf = async (session: Session) => {
  const { session: left, charge } = await viewOf(till, session)
  const { state, closedBy } = left
  const givenUp = charge?.document.givenUp === true
  return screenFor({ state, closedBy, charge: charge?.state ?? null, givenUp, pastExpiry: false, ownAttempt: true })
}

for (const is of ['reset', 'silence'] as const) {
  for (const card of [GOOD, '4000000000000002']) {
    const approved = card === GOOD
    test(`${is} after the bank has booked an ${approved ? 'approval' : 'decline'}: doubt, then its own answer`, async () => {
      fault = { at: 'after_book', is }
      const session = await till.openSession()
      const lost = await payAndWait(hasty.payments, await confirmInput(hasty, session, card))
      assert.deepEqual([lost.charge.state, lost.session?.state], ['unknown', 'processing'])
      assert.equal(await screenOf(session), 'confirming')
      fault = undefined
      await askLater()
      const { session: left, charge } = await viewOf(till, session)
      assert.equal(left.state, approved ? 'complete' : 'open')
      assert.deepEqual([charge?.id, charge?.state], [lost.charge.id, approved ? 'captured' : 'declined'])
      const name = nameOf('charge', session.tenant, lost.charge.id)
      assert.equal((await bankBooks(till)).filter(({ reference }) => reference === name).length, 1)
      const types = await eventsOf(till, session)
      assert.equal(types.filter((type) => type.startsWith('charge.')).length, 1)
      assert.equal((await till.db.sql`select from vault.cards where owner = ${session.id}`).length, 0)
    })
  }
}

test('an answer that says 500 is doubt, not a decline', async () => {
  fault = { at: 'after_book', is: { status: 500 } }
  const session = await till.openSession()
  const lost = await payAndWait(hasty.payments, await confirmInput(hasty, session, GOOD))
  assert.equal(lost.charge.state, 'unknown')
  fault = undefined
  await askLater()
  assert.equal((await viewOf(till, session)).session.state, 'complete')
})

test('an order that a dead process left behind is closed after two absences and the horizon, not before', async () => {
  const session = await till.openSession()
  const begun = await beginAttempt(hasty.payments, await confirmInput(hasty, session, GOOD))
  assert.equal(begun.is, 'begun')
  const stateAfter = async (ms: number) => {
    await askLater(hasty.payments, ms)
    const { session: left, charge } = await viewOf(till, session)
    return [left.state, charge?.state]
  }
  const still = ['processing', 'intent']
  assert.deepEqual(await stateAfter(59_000), still, 'the request that made it may still wait for its answer')
  assert.deepEqual(await stateAfter(2000), still, 'absent once')
  for (let asked = 0; asked < 8; asked++) assert.deepEqual(await stateAfter(70_000), still, 'within the horizon')
  assert.deepEqual(await stateAfter(30 * MINUTE), ['open', 'failed'])
  assert.equal((await viewOf(till, session)).charge?.document.decline?.raw, 'not_received')
  const again = await payAndWait(hasty.payments, await confirmInput(hasty, (await viewOf(till, session)).session, GOOD))
  assert.equal(again.session?.state, 'complete')
})

test('one absence is not enough, however old the order is', async () => {
  const session = await till.openSession()
  await beginAttempt(hasty.payments, await confirmInput(hasty, session, GOOD))
  await askLater(hasty.payments, 600 * MINUTE)
  assert.equal((await viewOf(till, session)).charge?.state, 'intent')
  await askLater()
  assert.equal((await viewOf(till, session)).charge?.state, 'failed')
})

test('a bank that cannot be reached says nothing about absence, however often it is asked', async () => {
  const session = await till.openSession()
  const nobody = await somebody((_, answer) => answer.destroy())
  await nobody.stop()
  await beginAttempt(hasty.payments, await confirmInput(hasty, session, GOOD))
  for (let asked = 0; asked < 5; asked++) await askLater(atBank(till, nobody.url).payments)
  assert.equal((await viewOf(till, session)).charge?.state, 'intent')
})

test('two workers that sweep at once ask once about an order', async () => {
  let asked = 0
  const bank = await somebody((_, answer) => {
    asked += 1
    answer.writeHead(500).end()
  })
  const session = await till.openSession()
  await beginAttempt(hasty.payments, await confirmInput(hasty, session, GOOD))
  await env.advance(600 * MINUTE)
  const { payments } = atBank(till, bank.url)
  const rounds = await Promise.all([sweepOrders(payments), sweepOrders(payments), sweepOrders(payments)])
  const due = rounds.reduce((sum, one) => sum + one, 0)
  assert.ok(due > 0)
  assert.equal(asked, due)
  await bank.stop()
})

test('a bank that nothing listens for was not asked: the try failed, and the shopper may try again', async () => {
  const nobody = await somebody(() => {})
  await nobody.stop()
  const away = atBank(till, nobody.url)
  const session = await till.openSession()
  const { charge, session: left } = await payAndWait(away.payments, await confirmInput(away, session, GOOD))
  assert.deepEqual(
    [charge.state, charge.document.decline],
    ['failed', { code: 'processing_error', raw: 'not_received' }],
  )
  assert.deepEqual([left?.state, left?.tries], ['open', 1])
  const again = await payAndWait(hasty.payments, await confirmInput(hasty, (await viewOf(till, session)).session, GOOD))
  assert.equal(again.session?.state, 'complete')
})

const answers = (status: number, body: unknown): RequestListener => {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  return (_, answer) => answer.writeHead(status, { 'content-type': 'application/json' }).end(text)
}
const booked = {
  id: 'auth_1',
  status: 'captured',
  currency: 'EUR',
  amount: 2400,
  captured_amount: 2400,
  refunded_amount: 0,
}
/** Answers an order, and questions about it, as booked with its own reference, but for what is changed. */
const repeats =
  (change: object): RequestListener =>
  (request, answer) => {
    const asked = new URL(request.url ?? '', 'http://bank').searchParams.get('reference')
    if (asked !== null) {
      answer.end(JSON.stringify({ found: true, authorization: { ...booked, reference: asked, ...change } }))
      return
    }
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const { reference } = JSON.parse(Buffer.concat(chunks).toString())
      answer.writeHead(201).end(JSON.stringify({ ...booked, reference, ...change }))
    })
  }

const HOSTILE: readonly (readonly [string, RequestListener])[] = [
  ['nothing at all', (_, answer) => answer.destroy()],
  ['garbage', answers(201, 'captured!')],
  ['an empty body', answers(201, '')],
  ['a list', answers(201, [booked])],
  ['bytes that are not UTF-8', (_, answer) => answer.writeHead(201).end(Buffer.from([0x7b, 0xff, 0x7d]))],
  ['a body cut short', (_, answer) => answer.writeHead(201, { 'content-length': '500' }).end('{"id":')],
  ['a huge body', answers(201, JSON.stringify({ ...booked, pad: 'x'.repeat(200_000) }))],
  ['a redirect', (_, answer) => answer.writeHead(307, { location: till.bank.url }).end()],
  ['success for another order', repeats({ reference: 'ch_other' })],
  ['success in another currency', repeats({ currency: 'HUF' })],
  ['captured with nothing captured', repeats({ captured_amount: 0 })],
  ['more captured than authorized', repeats({ amount: 100 })],
  ['an amount that is a text', repeats({ amount: '2400' })],
  ['a negative amount', repeats({ captured_amount: -1 })],
  ['a status of its own making', repeats({ status: 'settled' })],
  ['an id that is no text', repeats({ id: 7 })],
  ['absence as an answer to an order', answers(200, { found: false })],
  ['a refusal that may come from anybody on the way', answers(403, { error: { code: 'forbidden' } })],
  ['a page of a proxy', answers(502, '<html>')],
  ['that the key is in flight', answers(409, { error: { code: 'idempotency_in_flight' } })],
  ['less than was ordered', repeats({ amount: 2399, captured_amount: 2399 })],
]
for (const [name, listener] of HOSTILE) {
  test(`a bank that answers ${name} leaves doubt, not an outcome`, async () => {
    const bank = await somebody(listener)
    const there = atBank(till, bank.url)
    const session = await till.openSession()
    const attempt = await payAndWait(there.payments, await confirmInput(there, session, GOOD))
    assert.deepEqual([attempt.charge.state, attempt.session?.state], ['unknown', 'processing'])
    assert.equal(await screenOf(session), 'confirming')
    await bank.stop()
  })
}

test('success in another currency is told as a contradiction, and said again it is for a person', async () => {
  const bank = await somebody(repeats({ currency: 'HUF' }))
  const there = atBank(till, bank.url)
  const session = await till.openSession()
  const { charge } = await payAndWait(there.payments, await confirmInput(there, session, GOOD))
  assert.deepEqual([charge.state, charge.document.strange?.fact], ['unknown', 'captured, currency HUF'])
  await env.advance(10_000)
  await observeCharge(there.payments, charge.tenant, charge.id)
  const { charge: left } = await viewOf(till, session)
  assert.deepEqual([left?.state, left?.captured], ['needs_review', 0n])
  assert.notEqual(left?.document.strange?.believedAt, undefined)
  await bank.stop()
})

test('a card number that the bank sends back is not kept', async () => {
  const decline = { code: GOOD, network_code: 'x\u0000y', message: GOOD }
  const bank = await somebody(
    repeats({ status: 'declined', captured_amount: 0, decline, network: { transaction_id: GOOD } }),
  )
  const there = atBank(till, bank.url)
  const session = await till.openSession()
  const { charge } = await payAndWait(there.payments, await confirmInput(there, session, GOOD))
  assert.deepEqual(charge.document.decline, { code: 'generic_decline' })
  await bank.stop()
})

async function somebody(listener: RequestListener): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
