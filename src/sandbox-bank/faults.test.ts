import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { authorizationBody, startTestBank } from '../../test/support/sandbox-bank.ts'
import { makeEnv } from '../env.ts'
import type { Fault, FaultedRequest, FaultPoint } from './faults.ts'

const plan = new Map<FaultPoint, Fault>()
const consulted: [FaultPoint, FaultedRequest][] = []
const slept: number[] = []
const env = {
  ...makeEnv(),
  async sleep(ms: number, signal?: AbortSignal) {
    if (ms === 7) slept.push(ms)
    else await makeEnv().sleep(ms, signal)
  },
}
const bank = await startTestBank(import.meta.url, {
  env,
  faults: async (point, request) => {
    consulted.push([point, request])
    return plan.get(point)
  },
})
after(bank.stop)
beforeEach(() => {
  plan.clear()
  consulted.length = 0
})

async function order(reference: string, signal?: AbortSignal): Promise<{ status: number } | { failed: string }> {
  try {
    const answer = await fetch(`${bank.url}/v1/authorizations`, {
      method: 'POST',
      headers: { authorization: 'Bearer bank_shop', 'content-type': 'application/json', 'idempotency-key': reference },
      body: JSON.stringify(authorizationBody({ reference })),
      ...(signal ? { signal } : {}),
    })
    await answer.body?.cancel()
    return { status: answer.status }
  } catch (error) {
    const { cause, name } = error as Error & { cause?: { code?: string } }
    return { failed: cause?.code ?? name }
  }
}
async function isBooked(reference: string): Promise<unknown> {
  plan.clear()
  return (await bank.send('GET', `/v1/authorizations?reference=${reference}`)).body.found
}

test('the points are passed in order, and nothing of the card is shown there', async () => {
  await order('in-order')
  assert.deepEqual(
    consulted.map(([point]) => point),
    ['before_book', 'after_book', 'before_answer'],
  )
  assert.deepEqual(consulted[0]?.[1], {
    merchant: 'shop',
    method: 'POST',
    route: '/v1/authorizations',
    reference: 'in-order',
    idempotencyKey: 'in-order',
  })
})

const STRIKES: readonly [FaultPoint, boolean][] = [
  ['before_book', false],
  ['after_book', true],
  ['before_answer', true],
]
for (const [point, booked] of STRIKES) {
  test(`a reset at ${point} leaves the order ${booked ? 'booked' : 'undone'}`, async () => {
    plan.set(point, 'reset')
    assert.deepEqual(await order(`reset-${point}`), { failed: 'ECONNRESET' })
    assert.equal(await isBooked(`reset-${point}`), booked)
  })

  test(`a status at ${point} leaves the order ${booked ? 'booked' : 'undone'}`, async () => {
    plan.set(point, { status: 503 })
    assert.deepEqual(await order(`status-${point}`), { status: 503 })
    assert.equal(await isBooked(`status-${point}`), booked)
  })

  test(`silence at ${point} leaves the order ${booked ? 'booked' : 'undone'} and its key free`, async () => {
    const reference = `silence-${point}`
    plan.set(point, 'silence')
    const impatience = new AbortController()
    const waiting = order(reference, impatience.signal)
    while (!bank.logged.some((line) => line.includes('"silence"') && line.includes('authorizations'))) {
      await new Promise((resolve) => setImmediate(resolve))
    }
    bank.logged.length = 0
    impatience.abort()
    assert.deepEqual(await waiting, { failed: 'AbortError' })
    assert.equal(await isBooked(reference), booked)
    assert.deepEqual(await order(reference), { status: 201 })
  })
}

test('a delay only delays', async () => {
  plan.set('before_book', { delayMs: 7 }).set('before_answer', { delayMs: 7 })
  assert.deepEqual(await order('delayed'), { status: 201 })
  assert.deepEqual(slept, [7, 7])
})

test('stopping cuts a delay short, answers what was booked, and leaves no silent connection behind', async () => {
  const second = await startTestBank(import.meta.url, {
    faults: async (point, { reference }) =>
      point !== 'before_answer' ? undefined : reference === 'slow' ? { delayMs: 3_600_000 } : 'silence',
  })
  const slow = second.send('POST', '/v1/authorizations', authorizationBody({ reference: 'slow' }))
  const silent = second.send('POST', '/v1/authorizations', authorizationBody({ reference: 'silent' }))
  const silenced = assert.rejects(silent)
  let booked = 0
  while (booked < 2) {
    const [row] = await second.db.sql<{ count: number }[]>`select count(*)::int as count from authorizations`
    booked = row?.count ?? 0
  }
  await second.stop()
  assert.equal((await slow).status, 201)
  await silenced
})
