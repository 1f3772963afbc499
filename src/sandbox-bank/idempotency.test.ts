import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { authorizationBody, startTestBank } from '../../test/support/sandbox-bank.ts'
import { startSandboxBank } from './bank.ts'

let moment = new Date('2026-11-20T12:00:00Z')
const env = {
  now: () => moment,
  randomBytes: (length: number) => crypto.getRandomValues(new Uint8Array(length)),
  sleep: (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      sleepers.push(resolve)
      signal?.addEventListener('abort', () => reject(signal.reason))
    }),
}
const sleepers: (() => void)[] = []
let atGate: (() => void) | undefined
let opened: Promise<void> = Promise.resolve()
const bank = await startTestBank(import.meta.url, {
  env,
  idempotencyWindowMs: 60_000,
  faults: async (point) => {
    if (point !== 'before_book') return undefined
    atGate?.()
    await opened
    return undefined
  },
})
after(bank.stop)

test('the same key and parameters get the same bytes, and the money moves once', async () => {
  const order = authorizationBody({ capture: true })
  const first = await bank.send('POST', '/v1/authorizations', order, { key: 'same' })
  const again = await bank.send('POST', '/v1/authorizations', order, { key: 'same' })
  assert.deepEqual(again.body, first.body)
  assert.deepEqual(
    [first, again].map(({ headers }) => headers.get('idempotent-replayed')),
    [null, 'true'],
  )

  const refund = { reference: 'same-refund', amount: 10 }
  const path = `/v1/authorizations/${first.body.id}/refunds`
  const refunds = [1, 2, 3].map(() => bank.send('POST', path, refund, { key: 'same-refund' }))
  const ids = new Set((await Promise.all(refunds)).flatMap(({ status, body }) => (status === 201 ? [body.id] : [])))
  assert.equal(ids.size, 1)
  const { body } = await bank.send('GET', `/v1/authorizations/${first.body.id}`)
  assert.equal(body.refunded_amount, 10)
})

test('a key belongs to its merchant', async () => {
  const first = await bank.send('POST', '/v1/authorizations', authorizationBody(), {
    key: 'two-shops',
  })
  const other = await bank.send('POST', '/v1/authorizations', authorizationBody(), {
    key: 'two-shops',
    merchant: 'other',
  })
  assert.deepEqual([first.status, other.status], [201, 201])
})

test('a repeated request may have lost its CVC, and nothing else', async () => {
  const order = authorizationBody()
  const first = await bank.send('POST', '/v1/authorizations', order, { key: 'differs' })
  assert.equal(first.status, 201)
  const changed: Record<string, unknown>[] = [
    { ...order, amount: 1001 },
    { ...order, currency: 'USD' },
    { ...order, capture: true },
    { ...order, reference: 'other' },
    { ...order, statement_descriptor: 'SHOP' },
    { ...order, card: { ...(order.card as object), number: '4111111111111111' } },
    { ...order, card: { ...(order.card as object), exp_year: 2035 } },
  ]
  for (const body of changed) {
    const answer = await bank.send('POST', '/v1/authorizations', body, { key: 'differs' })
    assert.equal(answer.status, 422, JSON.stringify(Object.keys(body)))
    assert.equal((answer.body.error as { code: string }).code, 'idempotency_mismatch')
  }
  const elsewhere = await bank.send(
    'POST',
    `/v1/authorizations/${first.body.id}/voids`,
    { reference: 'void' },
    { key: 'differs' },
  )
  assert.equal(elsewhere.status, 422)
  const { cvc: _gone, ...card } = order.card as Record<string, unknown>
  const again = await bank.send('POST', '/v1/authorizations', { ...order, card }, { key: 'differs' })
  assert.deepEqual(again.body, first.body)
})

test('a refused order stays refused under its key; one that was malformed may be mended', async () => {
  const { id } = await bank.authorize()
  const refund = { reference: 'early', amount: 10 }
  const refused = await bank.send('POST', `/v1/authorizations/${id}/refunds`, refund, { key: 'early' })
  assert.equal(refused.status, 409)
  await bank.send('POST', `/v1/authorizations/${id}/captures`, { reference: 'then-captured' })
  const again = await bank.send('POST', `/v1/authorizations/${id}/refunds`, refund, { key: 'early' })
  assert.deepEqual([again.status, again.body], [409, refused.body])

  assert.equal(
    (await bank.send('POST', '/v1/authorizations', authorizationBody({ amount: 0 }), { key: 'mended' })).status,
    400,
  )
  assert.equal((await bank.send('POST', '/v1/authorizations', authorizationBody(), { key: 'mended' })).status, 201)
})

test('while the first request is handled, the second hears 409', async () => {
  let open: () => void = () => {}
  opened = new Promise((resolve) => {
    open = resolve
  })
  const reached = new Promise<void>((resolve) => {
    atGate = resolve
  })
  const order = authorizationBody()
  const first = bank.send('POST', '/v1/authorizations', order, { key: 'slow' })
  await reached
  const second = await bank.send('POST', '/v1/authorizations', order, { key: 'slow' })
  open()
  assert.deepEqual([second.status, (second.body.error as { code: string }).code], [409, 'idempotency_in_flight'])
  const answered = await first
  assert.deepEqual((await bank.send('POST', '/v1/authorizations', order, { key: 'slow' })).body, answered.body)
})

test('after its window a key is free again', async () => {
  const first = await bank.send('POST', '/v1/authorizations', authorizationBody(), { key: 'aged' })
  moment = new Date(moment.getTime() + 59_999)
  assert.equal((await bank.send('POST', '/v1/authorizations', authorizationBody(), { key: 'aged' })).status, 422)
  moment = new Date(moment.getTime() + 1)
  const later = await bank.send('POST', '/v1/authorizations', authorizationBody(), { key: 'aged' })
  assert.equal(later.status, 201)
  assert.notEqual(later.body.id, first.body.id)
})

test('keys that are too old are forgotten by themselves', async () => {
  moment = new Date(moment.getTime() + 60_000)
  await bank.send('POST', '/v1/authorizations', authorizationBody(), { key: 'young' })
  const asleep = sleepers.length
  sleepers.at(-1)?.()
  while (sleepers.length === asleep) await new Promise((resolve) => setImmediate(resolve))
  const kept = await bank.db.sql`select key from idempotency_keys`
  assert.deepEqual([...kept], [{ key: 'young' }])
})

test('two processes on the same books do an order once', async () => {
  const arrived: string[] = []
  let open: () => void = () => {}
  const both = new Promise<void>((resolve) => {
    open = resolve
  })
  const faults = async (point: string, { reference }: { readonly reference: string | undefined }) => {
    if (point !== 'before_book' || reference?.startsWith('pair') !== true) return undefined
    if (arrived.push(reference) === 2) open()
    await both
    return undefined
  }
  const log = { info() {}, error() {} }
  const options = { sql: bank.db.sql, env, host: '127.0.0.1', port: 0, log, faults }
  const processes = await Promise.all([startSandboxBank(options), startSandboxBank(options)])
  const orders = processes.map(async ({ url }) => {
    const answer = await fetch(`${url}/v1/authorizations`, {
      method: 'POST',
      headers: { authorization: 'Bearer bank_shop', 'content-type': 'application/json', 'idempotency-key': 'pair' },
      body: JSON.stringify(authorizationBody({ reference: 'pair', capture: true })),
    })
    return { status: answer.status, body: await answer.text() }
  })
  const [first, second] = await Promise.all(orders)
  await Promise.all(processes.map((process) => process.stop()))
  assert.equal(first?.status, 201)
  assert.deepEqual(second, first)
})
