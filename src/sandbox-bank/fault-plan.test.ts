import assert from 'node:assert/strict'
import { connect } from 'node:net'
import { after, beforeEach, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { ADMIN_TOKEN, authorizationBody, startTestBank } from '../../test/support/sandbox-bank.ts'
import { FaultPlan } from './fault-plan.ts'
import { parseRule } from './parse-fault.ts'

const env = testEnv()
const bank = await startTestBank(import.meta.url, { env, adminToken: ADMIN_TOKEN })
after(bank.stop)
beforeEach(() => bank.admin('DELETE', '/admin/faults'))

const PATH = '/v1/authorizations'
async function plan(rule: Record<string, unknown>): Promise<Record<string, unknown>> {
  const { status, body } = await bank.admin('POST', '/admin/faults', { merchant: 'shop', ...rule })
  assert.equal(status, 201, JSON.stringify(body))
  return body
}
type Heard =
  | { readonly status: number; readonly text: string; readonly headers: Headers }
  | { readonly failed: unknown }
async function order(reference: string, fields: Record<string, unknown> = {}, signal?: AbortSignal): Promise<Heard> {
  try {
    const answer = await fetch(bank.url + PATH, {
      method: 'POST',
      headers: { authorization: 'Bearer bank_shop', 'content-type': 'application/json', 'idempotency-key': reference },
      body: JSON.stringify(authorizationBody({ reference, capture: true, ...fields })),
      ...(signal ? { signal } : {}),
    })
    return { status: answer.status, text: await answer.text(), headers: answer.headers }
  } catch (error) {
    const { cause, name } = error as Error & { cause?: { code?: string } }
    return { failed: cause?.code ?? name }
  }
}
async function isBooked(reference: string): Promise<unknown> {
  return (await bank.send('GET', `${PATH}?reference=${reference}`)).body.found
}
const statusOf = (heard: Heard) => ('status' in heard ? heard.status : heard.failed)
const tick = () => new Promise((resolve) => setImmediate(resolve))

test('reset before: nothing is booked, and the next order passes', async () => {
  await plan({ fault: 'reset_before' })
  assert.deepEqual(await order('before'), { failed: 'ECONNRESET' })
  assert.equal(await isBooked('before'), false)
  assert.equal(statusOf(await order('before')), 201)
})

test('reset after the first byte: booked, and the answer is cut off', async () => {
  await plan({ fault: 'reset_after_first_byte' })
  assert.ok('failed' in (await order('first-byte')))
  assert.equal(await isBooked('first-byte'), true)
})

test('executes, then resets', async () => {
  await plan({ fault: 'executes_then_reset' })
  assert.ok('failed' in (await order('then-reset')))
  assert.equal(await isBooked('then-reset'), true)
})

for (const [name, number] of [
  ['the plan', undefined],
  ['the silent card', '4000009990000112'],
] as const)
  test(`executes, then never answers, by ${name}`, async () => {
    if (number === undefined) await plan({ fault: 'executes_then_silent' })
    const reference = `silent-${number === undefined}`
    const impatience = new AbortController()
    bank.logged.length = 0
    const waiting = order(reference, number === undefined ? {} : { card: { number } }, impatience.signal)
    while (!bank.logged.some((line) => line.includes('"silence"'))) await tick()
    impatience.abort()
    assert.deepEqual(await waiting, { failed: 'AbortError' })
    assert.equal(await isBooked(reference), true)
  })

test('the card of a bank that is down books nothing', async () => {
  assert.deepEqual(await order('down', { card: { number: '4000009990000146' } }), { failed: 'ECONNRESET' })
  assert.equal(await isBooked('down'), false)
})

for (const [number, status, code] of [
  ['4000009990000153', 503, 'out_of_service'],
  ['4000009990000161', 401, 'unauthorized'],
] as const) {
  test(`the card of a bank that answers ${code} books nothing, and nothing when it is sent again`, async () => {
    for (let sent = 0; sent < 2; sent++) {
      const heard = await order(code, { card: { number } })
      assert.equal(statusOf(heard), status)
      assert.match(JSON.stringify(heard), new RegExp(code))
      assert.equal(await isBooked(code), false)
    }
  })
}

test('the late card is booked at once and answered after 20 seconds', async () => {
  const heard = order('late', { card: { number: '4000009990000120' } })
  while (env.sleeping() < 2) await tick()
  assert.equal(await isBooked('late'), true)
  await env.advance(20_000)
  assert.equal(statusOf(await heard), 201)
})

for (const [name, fields] of [
  ['card', { card: { number: '4000009990000138' } }],
  ['rule', {}],
] as const)
  test(`late by minutes, by ${name}: asked before, it is not there; afterwards it is`, async () => {
    if (name === 'rule') await plan({ fault: 'late', ms: 180_000 })
    const heard = order(`minutes-${name}`, fields)
    while (env.sleeping() < 2) await tick()
    await env.advance(179_999)
    assert.equal(await isBooked(`minutes-${name}`), false)
    await env.advance(1)
    assert.equal(statusOf(await heard), 201)
    assert.equal(await isBooked(`minutes-${name}`), true)
  })

test('an answer that comes twice is twice on the wire', async () => {
  await plan({ fault: 'answers_twice', match: { method: 'GET' } })
  const socket = connect(Number(new URL(bank.url).port), '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk) => chunks.push(chunk))
  socket.write('GET /v1/books HTTP/1.1\r\nhost: bank\r\nauthorization: Bearer bank_shop\r\n\r\n')
  while (Buffer.concat(chunks).toString().split('HTTP/1.1 200').length < 3) await tick()
  socket.destroy()
})

test('an unreadable answer is no JSON, a contradictory one contradicts itself; the books are right', async () => {
  await plan({ fault: 'unreadable', match: { reference: 'garbled' } })
  const garbled = await order('garbled')
  assert.equal(statusOf(garbled), 201)
  assert.throws(() => JSON.parse('text' in garbled ? garbled.text : '{}'), SyntaxError)

  await plan({ fault: 'contradictory_status', match: { reference: 'contra*' }, count: 2 })
  const read = (heard: Heard) => {
    const { status, captured_amount, decline } = JSON.parse('text' in heard ? heard.text : '{}')
    return [status, captured_amount, decline === null]
  }
  assert.deepEqual(read(await order('contra-1')), ['declined', 1000, true])
  assert.deepEqual(read(await order('contra-2', { card: { number: '4000000000000002' } })), ['captured', 0, false])
  const seen = ['contra-1', 'contra-2'].map((reference) => bank.send('GET', `${PATH}?reference=${reference}`))
  const told = (await Promise.all(seen)).map(({ body }) => (body.authorization as { status: string }).status)
  assert.deepEqual(told, ['captured', 'declined'])
  // Under its key the stored answer is told as it is.
  assert.deepEqual(read(await order('contra-1')), ['captured', 1000, true])
})

test('a storm of statuses passes after its count, with Retry-After', async () => {
  await plan({ fault: 'status', status: 429, retry_after_seconds: 7, count: 3, match: { path: PATH, method: 'POST' } })
  const heard: Heard[] = []
  for (let at = 0; at < 4; at++) heard.push(await order('storm'))
  assert.deepEqual(heard.map(statusOf), [429, 429, 429, 201])
  assert.equal('headers' in (heard[0] as object) && (heard[0] as { headers: Headers }).headers.get('retry-after'), '7')
})

test('a rule strikes the nth of its requests, of its merchant only', async () => {
  await plan({ fault: 'status', match: { nth: 2, path: PATH, method: 'POST' } })
  const other = await bank.send('POST', PATH, authorizationBody(), { merchant: 'other' })
  assert.equal(other.status, 201)
  assert.deepEqual([await order('nth-1'), await order('nth-2'), await order('nth-3')].map(statusOf), [201, 500, 201])
  const { rules } = (await bank.admin('GET', '/admin/faults?merchant=shop')).body as { rules: Record<string, number>[] }
  assert.deepEqual([rules[0]?.matched, rules[0]?.struck], [3, 1])
})

test('a forgotten key is no key, and the reference still keeps the money from moving twice', async () => {
  await order('forgotten')
  await plan({ fault: 'forgets_key' })
  const again = await order('forgotten')
  assert.equal(statusOf(again), 409)
  assert.ok('text' in again && again.text.includes('reference_used'))
  const [row] = await bank.db.sql`select count(*)::int as count from entries where reference = 'forgotten'`
  assert.equal(row?.count, 2)
})

test('books out of order: the order that came first is booked second', async () => {
  await plan({ fault: 'out_of_order', match: { reference: 'overtaken' } })
  const first = order('overtaken')
  while (env.sleeping() < 2) await tick()
  assert.equal(statusOf(await order('overtakes')), 201)
  assert.equal(statusOf(await first), 201)
  const rows = await bank.db.sql<{ reference: string }[]>`
    select reference from entries where reference in ('overtaken', 'overtakes') and kind = 'capture' order by number`
  assert.deepEqual(
    rows.map(({ reference }) => reference),
    ['overtakes', 'overtaken'],
  )
})

test('with a probability the same seed strikes the same requests, another seed others', () => {
  const run = (seed: string) => {
    const faults = new FaultPlan(env)
    faults.add(parseRule({ merchant: 'shop', fault: 'forgets_key', probability: 0.3, seed }))
    const request = { merchant: 'shop', method: 'POST', route: PATH, reference: 'r', idempotencyKey: undefined }
    return Array.from({ length: 400 }, () => faults.meet(request).forgetsKey)
  }
  assert.deepEqual(run('a'), run('a'))
  assert.notDeepEqual(run('a'), run('b'))
  const share = run('a').filter(Boolean).length / 400
  assert.ok(share > 0.2 && share < 0.4, String(share))
})

test('rules are cleared one by one, by merchant, and all', async () => {
  const { id } = await plan({ fault: 'slow' })
  await plan({ fault: 'slow' })
  await plan({ fault: 'slow', merchant: 'other' })
  const clear = async (query: string) => (await bank.admin('DELETE', `/admin/faults${query}`)).body.cleared
  assert.deepEqual([await clear(`?id=${id}`), await clear('?merchant=shop'), await clear('')], [1, 1, 1])
})

test('a rule that cannot be read is refused by name', async () => {
  const cases: [Record<string, unknown>, string][] = [
    [{}, 'fault'],
    [{ fault: 'fire' }, 'fault'],
    [{ fault: 'slow', ms: -1 }, 'ms'],
    [{ fault: 'status', status: 200 }, 'status'],
    [{ fault: 'slow', probability: 1.1 }, 'probability'],
    [{ fault: 'slow', match: { nth: 0 } }, 'match.nth'],
    [{ fault: 'slow', merchant: 'a b' }, 'merchant'],
    [{ fault: 'slow', surprise: 1 }, 'surprise'],
  ]
  for (const [rule, field] of cases) {
    const { status, body } = await bank.admin('POST', '/admin/faults', { merchant: 'shop', ...rule })
    assert.deepEqual([status, (body.error as { field: string }).field], [400, field])
  }
})
