import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { WebSocket } from 'ws'
import { startTestApi } from '../../../../test/support/api.ts'
import { newApiKey } from '../../../core/api-key.ts'
import { nameOf, newUuid } from '../../../core/ids.ts'
import { MOST_LISTENERS } from '../../../core/listener.ts'
import { DIALECTS } from '../../../core/session.ts'
import { makeEnv } from '../../../env.ts'
import { planWith } from '../../../events/plan.ts'
import { openBell } from '../../../flows/bell.ts'
import { forgetOldLines } from '../../../flows/listeners/tails.ts'
import { registerDoors } from '../../doors.ts'
import { buildServer, UPGRADE_PATH } from '../../server.ts'
import { API_VERSION } from '../render/versions.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)

const plan = planWith(api.deps.doors, (_, fault) => assert.fail(String(fault)))

type Keys = Awaited<ReturnType<typeof api.openAccount>>
type Heard = Readonly<Record<string, unknown>> & { readonly event_payload: string }

/** Another process of the same program: nothing of the first but its database. */
async function startProcess() {
  // The test's clock, and real timers: connections take real time.
  const { sleep, monotonicMs } = makeEnv()
  const env = { ...api.env, sleep, monotonicMs }
  const deps = { ...api.deps, env, bell: openBell(env) }
  const app = buildServer(deps)
  registerDoors(app, deps, DIALECTS)
  await app.listen({ host: '127.0.0.1', port: 0 })
  const address = app.server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  return { origin: `ws://127.0.0.1:${address.port}`, stop: () => app.close() }
}

async function openListener(key: string, form = 'websocket_features[]=webhooks') {
  const { status, json } = await api.ask(key, 'POST', '/v1/stripecli/sessions', `device_name=laptop&${form}`)
  assert.equal(status, 200, JSON.stringify(json))
  return json as { websocket_id: string; websocket_url: string; secret: string; websocket_authorized_feature: string }
}

/** A client as the CLI is one: it acknowledges what it hears, where it is told to. */
async function connect(origin: string, id: string, { acknowledges = true } = {}) {
  const socket = new WebSocket(`${origin}${UPGRADE_PATH}?websocket_feature=webhooks`, 'stripecli-devproxy-v1', {
    headers: { 'websocket-id': id },
  })
  const heard: Heard[] = []
  let wake = () => {}
  socket.on('message', (data) => {
    const message = JSON.parse(String(data)) as Heard
    heard.push(message)
    const event_id = message.type === 'webhook_event' ? JSON.parse(message.event_payload).id : message.request_log_id
    if (acknowledges) socket.send(JSON.stringify({ type: 'event_ack', event_id }))
    wake()
  })
  const refused = await new Promise<string | undefined>((resolve, reject) => {
    socket.once('open', () => resolve(undefined))
    socket.once('error', reject)
    socket.once('unexpected-response', (_, response) => {
      response.on('data', (chunk: Buffer) => resolve(String(chunk)))
    })
  })
  const closed = new Promise<number>((resolve) => socket.once('close', resolve))
  return {
    refused,
    heard,
    closed,
    socket,
    async until(count: number) {
      while (heard.length < count) await new Promise<void>((resolve) => (wake = resolve))
      return heard
    },
    async leave() {
      socket.close()
      await closed
    },
  }
}

async function tell(keys: Keys, name: string): Promise<void> {
  const made = await api.ask(keys.secret, 'POST', '/v1/customers', { name })
  assert.equal(made.status, 200)
  await number(keys)
}

const number = (keys: Keys) => api.storage.numberEvents(keys.tenant, { limit: 100, now: api.env.now() }, plan)

const namesIn = (heard: readonly Heard[]) => heard.map((one) => JSON.parse(one.event_payload).data.object.name)

test('a listener hears through any process what any process did, in order and each once', async () => {
  const keys = await api.openAccount()
  await tell(keys, 'before')
  const { websocket_id: id } = await openListener(keys.secret)
  const [one, other] = [await startProcess(), await startProcess()]
  try {
    await tell(keys, 'first')
    const listener = await connect(one.origin, id)
    assert.equal(listener.socket.protocol, 'stripecli-devproxy-v1')
    await listener.until(2)
    await listener.leave()
    await tell(keys, 'while away')
    const back = await connect(other.origin, id)
    await tell(keys, 'there again')
    assert.deepEqual(namesIn(await back.until(4)), ['while away', 'while away', 'there again', 'there again'])
    assert.deepEqual(namesIn(listener.heard), ['first', 'first'])
    assert.deepEqual(
      listener.heard.map((message) => message.endpoint),
      [{ api_version: null }, { api_version: API_VERSION }],
    )
    await back.leave()
  } finally {
    await Promise.all([one.stop(), other.stop()])
  }
})

test('what was not acknowledged is told again', async () => {
  const keys = await api.openAccount()
  const { websocket_id: id } = await openListener(keys.secret)
  const process = await startProcess()
  try {
    const deaf = await connect(process.origin, id, { acknowledges: false })
    await tell(keys, 'lost')
    await deaf.until(2)
    await deaf.leave()
    const back = await connect(process.origin, id)
    assert.deepEqual(namesIn(await back.until(2)), ['lost', 'lost'])
    await back.leave()
  } finally {
    await process.stop()
  }
})

test('the bytes are those that an endpoint of the account is sent', async () => {
  const keys = await api.openAccount()
  await api.ask(keys.secret, 'POST', '/v1/webhook_endpoints', { url: 'https://shop.example', enabled_events: ['*'] })
  await api.ask(keys.secret, 'POST', '/v1/webhook_endpoints', { url: 'https://two.example', enabled_events: ['*'] })
  const { websocket_id: id } = await openListener(keys.secret)
  const process = await startProcess()
  try {
    const listener = await connect(process.origin, id)
    await tell(keys, 'both')
    const [message] = await listener.until(2)
    const [{ body } = { body: Buffer.of() }] = await api.sql<{ body: Buffer }[]>`
      select body from event_bodies where tenant = ${keys.tenant}`
    assert.equal(message?.event_payload, body.toString())
    await listener.leave()
  } finally {
    await process.stop()
  }
})

test('an unknown, a forged and a revoked id are refused in the words on which the CLI begins anew', async () => {
  const [keys, process] = [await api.openAccount(), await startProcess()]
  try {
    const { websocket_id: id } = await openListener(keys.secret)
    const last = id.at(-1) === 'a' ? 'b' : 'a'
    const unknown = nameOf('listener', keys.tenant, newUuid(api.env))
    for (const wrong of [
      'cliws_1',
      `${id.slice(0, -1)}${last}`,
      `${unknown}${id.slice(unknown.length)}`,
      'x'.repeat(99),
    ]) {
      const { refused } = await connect(process.origin, wrong)
      assert.equal(JSON.parse(refused ?? '').error.message, 'Unknown WebSocket ID.', wrong)
    }
    await api.sql`update api_keys set revoked_at = ${api.env.now()} where tenant = ${keys.tenant}`
    assert.match((await connect(process.origin, id)).refused ?? '', /Unknown WebSocket ID/)
  } finally {
    await process.stop()
  }
})

test('a listener whose key is revoked hears nothing more, and is sent away', async () => {
  const [keys, process] = [await api.openAccount(), await startProcess()]
  try {
    const listener = await connect(process.origin, (await openListener(keys.secret)).websocket_id)
    await tell(keys, 'heard')
    await listener.until(2)
    const other = newApiKey(api.env, keys.tenant, 'secret')
    await api.sql`update api_keys set revoked_at = ${api.env.now()} where tenant = ${keys.tenant}`
    await api.sql`
      insert into api_keys (tenant, hash, id, version, kind, door, name, hint, created_at)
      values (${keys.tenant}, ${other.hash}, ${newUuid(api.env)}, 1, 'secret', 'native', '', '', ${api.env.now()})`
    await tell({ ...keys, secret: other.text }, 'not for the old key')
    assert.equal(await listener.closed, 1000)
    assert.deepEqual(namesIn(listener.heard), ['heard', 'heard'])
  } finally {
    await process.stop()
  }
})

test('requests are shown through any process, of watched test accounts alone, and without what they carried', async () => {
  const keys = await api.openAccount()
  const other = await api.openAccount()
  const { tails } = api.deps.stripeCli
  await api.ask(keys.secret, 'GET', '/v1/customers/cus_unwatched')
  const form = 'websocket_features[]=request_logs&filters={"filter_http_method":["GET"]}'
  const { websocket_id: id, websocket_authorized_feature: feature } = await openListener(keys.secret, form)
  assert.equal(feature, 'request_logs')
  const process = await startProcess()
  try {
    const listener = await connect(process.origin, id)
    await api.ask(keys.secret, 'GET', '/v1/customers?email=jenny@example.com')
    api.env.setNow(new Date(api.env.now().getTime() + 1000))
    await api.ask(keys.secret, 'GET', '/v1/customers/4242424242424242')
    api.env.setNow(new Date(api.env.now().getTime() + 1000))
    await api.ask(keys.secret, 'GET', '/v1/customers?odd%00name=1')
    await api.ask(keys.secret, 'POST', '/v1/customers', { name: 'Jenny' })
    await api.ask(keys.live, 'GET', '/v1/products')
    await api.ask(other.secret, 'GET', '/v1/prices')
    await tails.pass()
    const lines = (await listener.until(3)).map(({ event_payload: payload }) => JSON.parse(payload))
    assert.deepEqual(
      lines.map(({ method, url, status, livemode }) => [method, url, status, livemode]),
      [
        ['GET', '/v1/customers', 200, false],
        ['GET', '/v1/customers/[card number]', 404, false],
        ['GET', '/v1/customers', 400, false],
      ],
    )
    const kept = JSON.stringify(await api.sql`select * from request_lines`)
    assert.ok(!/jenny|Jenny|4242|unwatched|products|prices|sk_/.test(kept), kept)
    await listener.leave()
    assert.equal(await forgetOldLines(api.deps), 0)
    api.env.setNow(new Date(api.env.now().getTime() + 121_000))
    assert.ok((await forgetOldLines(api.deps)) >= 3)
    assert.deepEqual([...(await api.sql`select from request_lines`)], [], 'the last lines do not stay')
  } finally {
    await process.stop()
  }
})

test('the device that was silent longest makes room', async () => {
  const keys = await api.openAccount()
  const ids: string[] = []
  for (let count = 0; count <= MOST_LISTENERS; count++) {
    api.env.setNow(new Date(api.env.now().getTime() + 1000))
    ids.push((await openListener(keys.secret)).websocket_id)
  }
  const process = await startProcess()
  try {
    assert.match((await connect(process.origin, ids[0] ?? '')).refused ?? '', /Unknown WebSocket ID/)
    for (const id of [ids[1], ids.at(-1)]) {
      const listener = await connect(process.origin, id ?? '')
      assert.equal(listener.refused, undefined)
      await listener.leave()
    }
  } finally {
    await process.stop()
  }
})

test('one account takes some of the connections and leaves the others, however many ask at once with one id', async () => {
  const [keys, other, process] = [await api.openAccount(), await api.openAccount(), await startProcess()]
  try {
    const { websocket_id: id } = await openListener(keys.secret)
    const all = await Promise.all(Array.from({ length: 250 }, () => connect(process.origin, id)))
    assert.equal(all.filter(({ refused }) => refused === undefined).length, 2 * MOST_LISTENERS)
    assert.match(all.find(({ refused }) => refused !== undefined)?.refused ?? '', /Too many connections/)
    const neighbor = await connect(process.origin, (await openListener(other.secret)).websocket_id)
    assert.equal(neighbor.refused, undefined)
    await neighbor.leave()
    for (const { refused, leave } of all) if (refused === undefined) await leave()
    const back = await connect(process.origin, id)
    assert.equal(back.refused, undefined)
    await back.leave()
  } finally {
    await process.stop()
  }
})

test('a listener that stays away is forgotten', async () => {
  const [keys, process] = [await api.openAccount(), await startProcess()]
  try {
    const { websocket_id: id } = await openListener(keys.secret)
    api.env.setNow(new Date(api.env.now().getTime() + 10 * 60_000))
    assert.match((await connect(process.origin, id)).refused ?? '', /Unknown WebSocket ID/)
  } finally {
    await process.stop()
  }
})

test('live mode has no listeners', async () => {
  const keys = await api.openAccount()
  const { status, json } = await api.ask(keys.live, 'POST', '/v1/stripecli/sessions', 'websocket_features[]=webhooks')
  assert.equal(status, 403)
  assert.equal(json.error.code, 'test_mode_only')
})

test('another path is not upgraded, and an ordinary route answers as ever', async () => {
  const [keys, process] = [await api.openAccount(), await startProcess()]
  try {
    const reply = await fetch(`${process.origin.replace('ws', 'http')}/v1/customers`, {
      headers: { authorization: `Bearer ${keys.secret}` },
    })
    assert.equal(reply.status, 200)
    const socket = new WebSocket(`${process.origin}/v1/customers`)
    const status = await new Promise((resolve) => {
      socket.once('unexpected-response', (_, { statusCode }) => resolve(statusCode))
    })
    assert.ok(status === 401 || status === 400)
  } finally {
    await process.stop()
  }
})

test('a server that stops says so to whoever listens', async () => {
  const [keys, process] = [await api.openAccount(), await startProcess()]
  const { websocket_id: id } = await openListener(keys.secret)
  const listener = await connect(process.origin, id)
  await process.stop()
  assert.equal(await listener.closed, 1012)
})
