import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { memoryStorage } from '../sim/memory-storage.ts'
import type { Connector } from '../src/connectors/contract.ts'
import type { Attempt } from '../src/core/attempt.ts'
import { hookAddress, hookSecret } from '../src/core/hook-address.ts'
import { accountTenant, nameOf, type Tenant } from '../src/core/ids.ts'
import type { Seen } from '../src/core/observation.ts'
import { applyEvidence } from '../src/flows/apply-evidence.ts'
import { followNotices } from '../src/flows/follow-notices.ts'
import { observeCharge } from '../src/flows/observe-charge.ts'
import { type Payments, pay } from '../src/flows/pay.ts'
import { registerHooks } from '../src/http/hooks/hooks.ts'
import { buildServer } from '../src/http/server.ts'
import type { BankHttp } from '../src/sandbox-bank/env.ts'
import type { Storage } from '../src/storage/storage.ts'
import { testEnv } from './support/env.ts'
import { elsewhere } from './support/orders.ts'
import { startTestTill } from './support/till.ts'

/**
 * Six things happen to one charge at the real bank. Its six notices arrive at the real route in every order there is, each
 * twice and each forged before, and every question that one of them leads to is answered as it would have been at the
 * moment that it tells of: as old an answer as can be. The answer to our own order comes anywhere among them.
 */
type Letter = { readonly body: string; readonly signature: string }
const letters: Letter[] = []
const post: BankHttp = async ({ body, headers }) => {
  letters.push({ body, signature: headers['bank-signature'] ?? '' })
  return { status: 204 }
}
const env = testEnv()
const hookKey = env.randomBytes(32)
const secretOf = (tenant: Tenant) => hookSecret(hookKey, 'sandbox', tenant)
const till = await startTestTill(import.meta.url, {
  env,
  http: post,
  standing: (merchant) => ({ url: 'https://pay.example', secret: secretOf(Number(merchant.slice(1)) as Tenant) }),
  adminToken: 'the bank manager',
})
const { tenant } = till.caller
const [bank] = till.payments.connectors
if (!bank) throw new Error('no connector')

/** What each order of arrival writes to. */
let storage: Storage = till.storage
let answer: Seen = 'lost'
const payments: Payments = {
  ...till.payments,
  get storage() {
    return storage
  },
  connectors: [{ ...bank, sync: async () => answer }],
  forgetCard: async () => {},
}
let moment = 0
const deps = {
  ...payments,
  get storage() {
    return storage
  },
  env: { ...env, monotonicMs: () => 1_000 * moment++ },
  log: { info: () => {}, error: (fields: object) => assert.fail(JSON.stringify(fields)) },
  publicUrl: () => 'https://pay.example',
  hookKey,
  parametersKey: new Uint8Array(32).fill(7),
  hookSecrets: (_: string, of: Tenant) => [secretOf(of)],
  onKept: () => {},
}
const app = buildServer(deps)
registerHooks(app, deps)
after(async () => {
  await app.close()
  await till.stop()
})

async function deliver({ body, signature }: Letter): Promise<number> {
  const url = `/hooks/sandbox/${hookAddress(hookKey, 'sandbox', tenant)}`
  const headers = { 'content-type': 'application/json', 'bank-signature': signature }
  return (await app.inject({ method: 'POST', url, payload: body, headers })).statusCode
}

/** The charge when our order to authorize had left and nothing had come back. */
async function orderUnanswered(connector: Connector): Promise<Attempt> {
  let under: Attempt | undefined
  const start: Connector['start'] = async (order, context) => {
    const seen = await connector.start(order, context)
    const [row] = await till.db.sql<{ id: Attempt['charge']['id'] }[]>`select id from charges`
    under = row && (await till.storage.findAttempt(tenant, row.id))
    return seen
  }
  const session = await till.openSession({ paymentTemplate: { captureMethod: 'manual' } })
  const taken = till.vault.take(new TextEncoder().encode('cardNumber=4000000000005126&cardExpiry=12%2F34&cardCvc=123'))
  const tokenized = taken.ok ? await till.vault.tokenize(tenant, session.id, taken.card) : undefined
  if (!tokenized?.ok) throw new Error('no token')
  const paying = await pay(
    { ...till.payments, connectors: [{ ...connector, start }] },
    { tenant, sessionId: session.id, attempt: 0, token: tokenized.token, collected: { email: 'jenny@example.com' } },
  )
  if (paying.is !== 'begun') throw new Error(paying.is)
  await paying.outcome
  if (under?.charge.state !== 'intent') throw new Error('the order was answered')
  return under
}

/** What happened, as told and as seen right after it. */
type Happening = { readonly letter: Letter; readonly seen: Seen }

async function happenings(connector: Connector, begun: Attempt): Promise<readonly Happening[]> {
  const found: Happening[] = []
  const reference = nameOf('charge', tenant, begun.charge.id)
  const look = () => connector.sync({ tenant, reference, currency: begun.charge.currency }, till.payments.outside)
  const happened = async () => {
    const seen = await look()
    while (letters.length <= found.length) await new Promise((resolve) => setImmediate(resolve))
    const letter = letters[found.length]
    if (letter) found.push({ letter, seen })
  }
  await happened()
  const known = await look()
  if (typeof known === 'string') throw new Error(known)
  const charge = { ...begun.charge, providerId: known.providerId }
  await elsewhere(till, charge, 'captures')
  await happened()
  await elsewhere(till, charge, 'refunds', { amount: 500 })
  await happened()
  await env.advance(30_000)
  await till.bank.admin('POST', '/admin/refunds', {
    merchant: `t${tenant}`,
    authorization: known.providerId,
    amount: 300,
  })
  await happened()
  for (let refund = 0; refund < 2; refund++) {
    await env.advance(30_000)
    await till.bank.admin('POST', '/admin/settle', {})
    await happened()
  }
  return found
}

/** A database of its own, as ours was when the order had left. */
async function asItWas({ session, payment, charge, operation }: Attempt): Promise<Storage> {
  const own = memoryStorage().storage
  if (!session || !account) throw new Error('no session')
  await own.insertAccount({ ...account, version: 1 }, [])
  const rows = {
    sessions: [{ ...session, version: 1 }],
    payments: [{ ...payment, version: 1 }],
    charges: [{ ...charge, version: 1 }],
    operations: [{ ...operation, version: 1 }],
  }
  assert.deepEqual(await own.commit(rows), { ok: true })
  return own
}

/** What it all came to, without what only says when. */
async function outcome({ charge }: Attempt): Promise<object> {
  const attempt = await storage.findAttempt(tenant, charge.id)
  if (!attempt) throw new Error('no charge')
  const { id: _, version: __, lookAt: ___, createdAt: ____, document, ...money } = attempt.charge
  const { strange: _____, ...told } = document
  return {
    money: { ...money, document: told },
    payment: [attempt.payment.state, attempt.payment.reserved],
    session: attempt.session?.state,
    operation: attempt.operation.state,
    refunds: attempt.refunds
      .map(({ amount, state, origin, providerId }) => ({ amount, state, origin, providerId }))
      .sort((a, b) => Number(a.amount - b.amount)),
  }
}

function* orders<T>(things: readonly T[]): Generator<readonly T[]> {
  if (things.length === 0) yield []
  for (const [at, first] of things.entries()) {
    for (const rest of orders(things.toSpliced(at, 1))) yield [first, ...rest]
  }
}

const forged = (letter: Letter): Letter => ({ ...letter, body: letter.body.replace(/"amount":\d+/, '"amount":999999') })

const account = await till.storage.findAccount(accountTenant(tenant))
const begun = await orderUnanswered(bank)
const history = await happenings(bank, begun)
const ownAnswer = history[0]?.seen ?? 'lost'

async function arrive(order: readonly Happening[], answeredAt: number): Promise<object> {
  storage = await asItWas(begun)
  for (const [at, { letter, seen }] of order.entries()) {
    if (at === answeredAt) await hearOwnAnswer()
    answer = seen
    assert.equal(await deliver(forged(letter)), 400)
    assert.equal(await deliver(letter), 204)
    assert.equal(await deliver(letter), 204)
    assert.equal(await followNotices(payments), 1)
  }
  if (answeredAt >= order.length) await hearOwnAnswer()
  assert.equal(await followNotices(payments), 0)
  await lookTwice(order)
  return outcome(begun)
}

/** Nobody ordered the capture, so it is believed when it is seen again, ten seconds later, as the looks do. */
async function lookTwice(order: readonly Happening[]): Promise<void> {
  answer = history.findLast((happening) => order.includes(happening))?.seen ?? ownAnswer
  for (const laterMs of [11_000, 22_000]) {
    const now = () => new Date(env.now().getTime() + laterMs)
    await observeCharge({ ...payments, env: { ...payments.env, now } }, tenant, begun.charge.id)
  }
}

async function hearOwnAnswer(): Promise<void> {
  await applyEvidence(payments, begun, { seen: ownAnswer, sent: 'accepted', about: begun.operation.id })
}

test('six notices are about one authorization, its capture, two refunds, and their failures', () => {
  const types = history.map(({ letter }) => (JSON.parse(letter.body) as { readonly type: string }).type)
  assert.deepEqual(types, [
    'authorization.authorized',
    'authorization.captured',
    'refund.created',
    'refund.created',
    'refund.updated',
    'refund.updated',
  ])
})

for (let length = 1; length <= history.length; length++) {
  test(`${length} of them, in every order, come to the same`, async () => {
    const happened = history.slice(0, length)
    const expected = await arrive(happened, 0)
    let tried = 0
    for (const order of orders(happened)) assert.deepEqual(await arrive(order, tried++ % (length + 1)), expected)
    assert.equal(tried, [1, 2, 6, 24, 120, 720][length - 1])
  })
}
