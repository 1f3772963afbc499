import assert from 'node:assert/strict'
import { Agent, request } from 'node:http'
import { after, before, test } from 'node:test'
import { startTestApi, type TestKeys } from '../../../../test/support/api.ts'
import { numberAll } from '../../../../test/support/numbering.ts'
import { factOf } from '../../../../test/support/told-events.ts'
import { newUuid } from '../../../core/ids.ts'
import { createKey, revokeKey } from '../../../flows/open-account.ts'
import { listenForNumbers } from '../../../storage/numbered.ts'

const api = await startTestApi(import.meta.url)
const { env, storage } = api
after(api.stop)
let base = ''
before(async () => {
  await listenForNumbers(api.sql, api.deps.bell.ring)
  base = await api.app.listen({ host: '127.0.0.1', port: 0 })
})

/** Tells one event more, and numbers it. */
async function tell({ tenant }: TestKeys, count = 1): Promise<void> {
  for (let at = 0; at < count; at++) {
    await storage.commit({ events: [factOf(env, tenant, { root: newUuid(env), rootVersion: 1, ordinal: 1 })] })
  }
  await numberAll(storage, tenant, env.now())
}

const read = (key: string, query: string) => api.ask(key, 'GET', `/v1/feed?${query}`)

test('the feed has every event in the order of its number, as the API shows it', async () => {
  const shop = await api.openAccount()
  await tell(shop, 5)
  const first = await read(shop.secret, 'limit=3')
  assert.equal(first.status, 200, first.text)
  const { data, ...rest } = first.json
  assert.deepEqual(rest, { object: 'feed', has_more: true, last_number: 5, next_after: 3, url: '/v1/feed' })
  assert.deepEqual(
    data.map(({ number }: { number: number }) => number),
    [1, 2, 3],
  )
  const second = (await read(shop.secret, 'after=3')).json
  assert.deepEqual([second.has_more, second.next_after, second.data.length], [false, 5, 2])
  for (const { event } of [...data, ...second.data]) {
    assert.deepEqual(event, (await api.ask(shop.secret, 'GET', `/v1/events/${event.id}`)).json)
  }
  const empty = (await read(shop.secret, 'after=5')).json
  assert.deepEqual([empty.data, empty.next_after, empty.last_number], [[], 5, 5])
})

test('an account that nothing happened to has an empty feed', async () => {
  const { secret } = await api.openAccount()
  assert.deepEqual((await read(secret, '')).json.last_number, 0)
})

test('the stripe library reads it by rawRequest, and waits', async () => {
  const shop = await api.openAccount()
  const stripe = await api.sdk(shop.secret)
  const waiting = stripe.rawRequest('GET', '/v1/feed?after=0&wait=30')
  await tell(shop)
  const feed = (await waiting) as unknown as { data: { number: number; event: { object: string } }[] }
  assert.deepEqual([feed.data[0]?.number, feed.data[0]?.event.object], [1, 'event'])
})

test('two who wait on kept-alive connections hear of an event when it is numbered, wherever that happens', async () => {
  const shop = await api.openAccount()
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  const ask = (query: string) =>
    new Promise<{ next_after: number }>((resolve, reject) => {
      const headers = { authorization: `Bearer ${shop.secret}` }
      request(`${base}/v1/feed?${query}`, { agent, headers }, (response) => {
        let text = ''
        response.on('data', (chunk) => {
          text += chunk
        })
        response.on('end', () => resolve(JSON.parse(text)))
      })
        .on('error', reject)
        .end()
    })
  for (const number of [1, 2, 3]) {
    const waiting = [ask(`after=${number - 1}&wait=30`), read(shop.secret, `after=${number - 1}&wait=30`)]
    await tell(shop)
    const [kept] = await Promise.all(waiting)
    assert.equal((kept as { next_after: number }).next_after, number)
  }
  agent.destroy()
})

test('whoever hears nothing is answered when the time is over', async () => {
  const shop = await api.openAccount()
  const waiting = read(shop.secret, 'wait=2')
  while (env.sleeping() === 0) await new Promise(setImmediate)
  await env.advance(2000)
  const { json } = await waiting
  assert.deepEqual([json.data, json.next_after], [[], 0])
})

test('whoever waits by a key that is revoked meanwhile hears nothing', async () => {
  const shop = await api.openAccount()
  const { row, text } = await createKey({ env, storage }, shop.tenant, 'secret')
  const waiting = read(text, 'wait=30')
  while (env.sleeping() === 0) await new Promise(setImmediate)
  assert.equal(await revokeKey({ env, storage }, shop.tenant, row.id), true)
  await env.advance(6000)
  await tell(shop)
  const { status, json } = await waiting
  assert.deepEqual([status, json.error?.code], [401, 'api_key_expired'])
})

test('a notification that got lost costs five seconds', async () => {
  const shop = await api.openAccount()
  const waiting = read(shop.secret, 'wait=30')
  while (env.sleeping() === 0) await new Promise(setImmediate)
  await storage.commit({
    events: [factOf(env, shop.tenant, { root: newUuid(env), rootVersion: 1, ordinal: 1 })],
  })
  await api.sql`insert into event_log select tenant, 1, event_id from event_queue where tenant = ${shop.tenant}`
  await api.sql`update tenants set last_number = 1 where tenant = ${shop.tenant}`
  await env.advance(5000)
  assert.equal((await waiting).json.next_after, 1)
})

test('a number that nobody gave yet, and one that is not kept any more, are answered clearly', async () => {
  const shop = await api.openAccount()
  await tell(shop, 4)
  const beyond = await read(shop.secret, 'after=5&wait=30')
  assert.deepEqual([beyond.status, beyond.json.error.code, beyond.json.error.param], [400, 'feed_beyond_end', 'after'])
  assert.match(beyond.json.error.message, /the last is 4/)
  await api.sql`delete from event_log where tenant = ${shop.tenant} and number < 3`
  const gone = await read(shop.secret, 'after=1')
  assert.deepEqual([gone.status, gone.json.error.code], [410, 'feed_not_kept'])
  assert.match(gone.json.error.message, /first that is kept is 3/)
  assert.equal((await read(shop.secret, 'after=2')).json.data.length, 2)
  await api.sql`delete from event_log where tenant = ${shop.tenant}`
  assert.equal((await read(shop.secret, 'after=2')).status, 410)
  assert.equal((await read(shop.secret, 'after=4')).status, 200)
})

for (const [query, code] of [
  ['after=-1', 'parameter_invalid_integer'],
  ['after=x', 'parameter_invalid_integer'],
  ['after=9007199254740993', 'parameter_invalid_integer'],
  ['limit=101', 'parameter_invalid_range'],
  ['wait=31', 'parameter_invalid_range'],
  ['since=3', 'parameter_unknown'],
] as const) {
  test(`${query} is refused`, async () => {
    const { secret } = await api.openAccount()
    const reply = await read(secret, query)
    assert.deepEqual([reply.status, reply.json.error.code], [400, code], reply.text)
  })
}

test('an account has so many places to wait, one account’s do not cost another’s, and who leaves frees one', async () => {
  const shop = await api.openAccount()
  const other = await api.openAccount()
  const left = new AbortController()
  const waiting = Array.from({ length: 20 }, () =>
    fetch(`${base}/v1/feed?wait=30`, {
      headers: { authorization: `Bearer ${shop.secret}` },
      signal: left.signal,
    }).catch(() => 'left'),
  )
  while (env.sleeping() < 20) await new Promise(setImmediate)
  const refused = await read(shop.secret, 'wait=30')
  assert.deepEqual([refused.status, refused.json.error.code], [429, 'too_many_waiting'])
  assert.deepEqual([refused.headers['stripe-should-retry'], refused.headers['retry-after']], ['true', '1'])
  assert.equal((await read(shop.secret, '')).status, 200)
  const neighbor = read(other.secret, 'wait=30')
  await tell(other)
  assert.equal((await neighbor).json.next_after, 1)
  left.abort()
  assert.deepEqual([...new Set(await Promise.all(waiting))], ['left'])
  await tell(shop)
  while ((await read(shop.secret, 'wait=30')).status !== 200) await new Promise(setImmediate)
})
