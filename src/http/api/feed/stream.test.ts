import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { after, before, test } from 'node:test'
import { startTestApi, type TestKeys } from '../../../../test/support/api.ts'
import { openStream } from '../../../../test/support/event-stream.ts'
import { numberAll } from '../../../../test/support/numbering.ts'
import { factOf } from '../../../../test/support/told-events.ts'
import { newUuid } from '../../../core/ids.ts'
import { createKey, revokeKey } from '../../../flows/open-account.ts'
import { listenForNumbers } from '../../../storage/numbered.ts'

const api = await startTestApi(import.meta.url)
const { env, storage } = api
after(api.stop)
let feed = ''
before(async () => {
  await listenForNumbers(api.sql, api.deps.bell.ring)
  feed = `${await api.app.listen({ host: '127.0.0.1', port: 0 })}/v1/feed`
})

async function tell({ tenant }: TestKeys, count = 1): Promise<void> {
  const facts = Array.from({ length: count }, () =>
    factOf(env, tenant, { root: newUuid(env), rootVersion: 1, ordinal: 1 }),
  )
  await storage.commit({ events: facts })
  await numberAll(storage, tenant, env.now())
}

test('the stream begins where it is told to, goes on as things happen, and is resumed by the last id', async () => {
  const shop = await api.openAccount()
  await tell(shop, 45)
  const stream = await openStream(`${feed}?after=2`, shop.secret)
  assert.equal(stream.type, 'text/event-stream; charset=utf-8')
  for (let number = 3; number <= 45; number++) {
    const message = await stream.next()
    assert.equal(message?.id, String(number))
    assert.equal(JSON.parse(message?.data ?? '').number, number)
  }
  await tell(shop)
  const live = await stream.next()
  assert.equal(live?.id, '46')
  const { event } = JSON.parse(live?.data ?? '')
  assert.deepEqual(event, (await api.ask(shop.secret, 'GET', `/v1/events/${event.id}`)).json)
  stream.leave()
  const resumed = await openStream(`${feed}?after=2`, shop.secret, { 'last-event-id': '44' })
  assert.deepEqual([(await resumed.next())?.id, (await resumed.next())?.id], ['45', '46'])
  resumed.leave()
})

test('what is wrong with the request is an error of the API, not a stream', async () => {
  const shop = await api.openAccount()
  for (const [query, headers, status, code] of [
    ['after=1', {}, 400, 'feed_beyond_end'],
    ['', { 'last-event-id': '7' }, 400, 'feed_beyond_end'],
    ['', { 'last-event-id': 'x' }, 400, 'parameter_invalid_integer'],
    ['wait=3', {}, 400, 'parameters_exclusive'],
  ] as const) {
    const { status: answered, type, leave } = await openStream(`${feed}?${query}`, shop.secret, headers)
    assert.equal(answered, status)
    assert.match(type, /^application\/json/)
    leave()
    const { json } = await api.ask(shop.secret, 'GET', `/v1/feed?${query}`, undefined, {
      accept: 'text/event-stream',
      ...headers,
    })
    assert.equal(json.error.code, code)
  }
  assert.equal((await openStream(feed, shop.publishable)).status, 403)
})

test('a silent stream is kept alive, and ends when its key is revoked', async () => {
  const shop = await api.openAccount()
  const { row, text } = await createKey({ env, storage }, shop.tenant, 'secret')
  const stream = await openStream(feed, text)
  let over = false
  const ended = stream.next().finally(() => {
    over = true
  })
  const passUntil = async (seen: () => boolean) => {
    while (!seen()) {
      await env.advance(1000)
      await new Promise(setImmediate)
    }
  }
  await passUntil(() => stream.comments() >= 3)
  assert.equal(over, false)
  assert.equal(await revokeKey({ env, storage }, shop.tenant, row.id), true)
  await passUntil(() => over)
  assert.equal(await ended, undefined)
})

test('a reader that takes nothing is dropped, and its place is free again', async () => {
  const shop = await api.openAccount()
  await tell(shop, 20)
  // More than the sockets' buffers of both sides hold.
  await api.sql`
    update events set snapshot = jsonb_set(snapshot, '{customer,name}', to_jsonb(repeat('x', 1000000)))
    where tenant = ${shop.tenant}`
  const { port } = new URL(feed)
  const accepted = once(api.app.server, 'connection')
  const socket = connect(Number(port), '127.0.0.1')
  const [serverSide] = (await accepted) as [Socket]
  socket.pause()
  socket.write(
    `GET /v1/feed HTTP/1.1\r\nhost: 127.0.0.1\r\naccept: text/event-stream\r\nauthorization: Bearer ${shop.secret}\r\n\r\n`,
  )
  while (!serverSide.destroyed) {
    await env.advance(1000)
    await new Promise(setImmediate)
  }
  let taken = 0
  socket.on('data', (chunk: Buffer) => {
    taken += chunk.length
  })
  socket.on('error', () => undefined)
  socket.resume()
  await new Promise((resolve) => socket.once('close', resolve))
  assert.ok(taken < 20_000_000, 'it was cut off')
  const streams = await Promise.all(Array.from({ length: 20 }, () => openStream(`${feed}?after=20`, shop.secret)))
  assert.deepEqual([...new Set(streams.map(({ status }) => status))], [200])
  assert.equal((await openStream(`${feed}?after=20`, shop.secret)).status, 429)
  for (const stream of streams) stream.leave()
})

test('a server that stops ends its streams and answers those who wait', async () => {
  const own = await startTestApi(`${import.meta.url}.stopping.test.ts`)
  const shop = await own.openAccount()
  const address = await own.app.listen({ host: '127.0.0.1', port: 0 })
  const stream = await openStream(`${address}/v1/feed`, shop.secret)
  const waiting = fetch(`${address}/v1/feed?wait=30`, { headers: { authorization: `Bearer ${shop.secret}` } })
  while (own.env.sleeping() < 2) await new Promise(setImmediate)
  await own.stop()
  assert.equal(await stream.next(), undefined)
  assert.equal((await waiting).status, 200)
})
