import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { after, test } from 'node:test'
import { orderChallenged, pay, RIGHT_CODE, submit } from '../../test/support/cardholder.ts'
import { testEnv } from '../../test/support/env.ts'
import { ADMIN_TOKEN, authorizationBody, startTestBank } from '../../test/support/sandbox-bank.ts'
import type { BankHttp } from './env.ts'

const SECRET = 'a secret of the merchant'.replaceAll(' ', '-')
const env = testEnv()
type Told = {
  readonly reference: unknown
  readonly type: string
  readonly right: boolean
  readonly data: Record<string, unknown>
  readonly url: string
}
const told: Told[] = []
/** What the merchant's end answers; each answer is used once, then 204. */
const answers: (number | 'broken')[] = []

/** The merchant: its end of the port that the egress client fills in production. */
const http: BankHttp = async ({ url, headers, body }) => {
  const [, t, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(headers['bank-signature'] ?? '') ?? []
  const { type, data, reference } = JSON.parse(body)
  const right = createHmac('sha256', SECRET).update(`${t}.${body}`).digest('hex') === v1
  told.push({ type, right, data, url, reference })
  const status = answers.shift() ?? 204
  if (status === 'broken') throw new Error('no route to the merchant')
  return { status }
}
/** Arranged for one merchant, by whoever runs the bank. */
const standing = (merchant: string) =>
  merchant === 'standing' ? { url: 'https://standing.example/bank', secret: SECRET } : undefined
const bank = await startTestBank(import.meta.url, { env, adminToken: ADMIN_TOKEN, http, standing })
after(bank.stop)

async function listen(fields: Record<string, unknown> = {}): Promise<void> {
  const webhook = { merchant: 'shop', url: 'https://shop.example/bank', secret: SECRET, ...fields }
  const { status, body } = await bank.admin('POST', '/admin/webhooks', webhook)
  assert.deepEqual([status, 'secret' in body], [201, false])
  told.length = 0
}
async function heard(count: number): Promise<readonly string[]> {
  while (told.length < count) await new Promise((resolve) => setImmediate(resolve))
  return told.splice(0).map(({ type, right }) => (right ? type : `forged ${type}`))
}

test('nobody is told before they ask for it, nor after they have had enough', async () => {
  await pay(bank, '4242424242424242')
  await listen()
  await pay(bank, '4242424242424242')
  assert.deepEqual(await heard(1), ['authorization.captured'])
  assert.equal((await bank.admin('DELETE', '/admin/webhooks?merchant=shop')).body.cleared, true)
  await pay(bank, '4242424242424242')
  await listen({ merchant: 'other' })
  assert.equal(told.length, 0)
})

test('what happens is told, signed, with the state it led to', async () => {
  await listen()
  const paid = await pay(bank, '4000000000007726')
  const path = `/v1/authorizations/${paid}`
  const refund = await bank.send('POST', `${path}/refunds`, { reference: 'r-1', amount: 1 })
  await bank.send('POST', `/v1/operations/${refund.body.id}/cancel`, {})
  await bank.admin('POST', '/admin/refunds', { merchant: 'shop', authorization: paid, amount: 2 })
  assert.deepEqual((await heard(4)).toSorted(), [
    'authorization.captured',
    'refund.created',
    'refund.created',
    'refund.updated',
  ])
  env.setNow(new Date(env.now().getTime() + 60_000))
  await bank.send('GET', path)
  while (told.length < 1) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([told[0]?.data.origin, told[0]?.data.status, told[0]?.data.amount], ['bank', 'succeeded', 2])
  await heard(1)

  const { action } = await orderChallenged(bank, '4000002760003184')
  await submit(action.url, { code: RIGHT_CODE, attempt: '0' })
  assert.deepEqual(await heard(1), ['authorization.captured'])

  await bank.authorize()
  env.setNow(new Date(env.now().getTime() + 7 * 24 * 60 * 60 * 1000))
  await bank.admin('POST', '/admin/settle', {})
  assert.deepEqual(await heard(2), ['authorization.authorized', 'authorization.expired'])
})

test('a merchant that fails is told again, four times in all', async () => {
  await listen()
  answers.push(500, 'broken', 301, 404)
  await pay(bank, '4242424242424242')
  for (const [at, pause] of [1_000, 10_000, 60_000].entries()) {
    while (told.length < at + 1 || env.sleeping() < 2) await new Promise((resolve) => setImmediate(resolve))
    await env.advance(pause)
  }
  assert.deepEqual(await heard(4), Array(4).fill('authorization.captured'))
  while (!bank.logged.some((line) => line.includes('gave up'))) await new Promise((resolve) => setImmediate(resolve))
})

test('lost, doubled and forged by the plan', async () => {
  await listen({ lost: 1 })
  await pay(bank, '4242424242424242')
  await listen({ doubled: 1 })
  await pay(bank, '4242424242424242')
  assert.deepEqual(await heard(2), ['authorization.captured', 'authorization.captured'])
  await listen({ forged: 1 })
  await pay(bank, '4000000000000036', 5)
  while (told.length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual([told[0]?.right, told[0]?.data.amount], [false, 999999])
  assert.deepEqual([told[1]?.right, told[1]?.data.amount], [true, 5])
})

test('a standing address is used until the merchant has one of its own, and again after that', async () => {
  told.length = 0
  const merchant = 'standing'
  const order = async () => (await bank.send('POST', '/v1/authorizations', authorizationBody(), { merchant })).body
  const whereTo = async (count: number) => {
    while (told.length < count) await new Promise((resolve) => setImmediate(resolve))
    return told.splice(0).map(({ url, right }) => (right ? url : 'forged'))
  }
  await order()
  assert.deepEqual(await whereTo(1), ['https://standing.example/bank'])
  const fates = await bank.admin('POST', '/admin/webhooks', { merchant, doubled: 1 })
  assert.deepEqual([fates.status, fates.body.url], [201, null])
  await order()
  assert.deepEqual(await whereTo(2), Array(2).fill('https://standing.example/bank'))
  await listen({ merchant, url: 'https://own.example/bank' })
  await order()
  assert.deepEqual(await whereTo(1), ['https://own.example/bank'])
  await bank.admin('DELETE', '/admin/webhooks?merchant=standing')
  await order()
  assert.deepEqual(await whereTo(1), ['https://standing.example/bank'])
  const half = await bank.admin('POST', '/admin/webhooks', { merchant, url: 'https://own.example/bank' })
  assert.equal(half.status, 400)
})

test('every notice names the authorization that it is about', async () => {
  await listen()
  const { id, reference } = await bank.authorize({ capture: true })
  await bank.admin('POST', '/admin/refunds', { merchant: 'shop', authorization: id, amount: 2 })
  while (told.length < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.deepEqual(
    told.map((one) => one.reference),
    [reference, reference],
  )
})

test('early: told before the answer is there', async () => {
  await listen({ early: 1 })
  answers.push('broken') // It is tried again before the bank answers, so the answer waits for the pause.
  let answered = false
  const paying = pay(bank, '4242424242424242').then(() => {
    answered = true
  })
  while (told.length < 1 || env.sleeping() < 2) await new Promise((resolve) => setImmediate(resolve))
  assert.equal(answered, false)
  await env.advance(1_000)
  await paying
  assert.equal(told.length, 2)
})
