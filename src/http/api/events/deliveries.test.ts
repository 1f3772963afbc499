import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestApi, type TestKeys } from '../../../../test/support/api.ts'
import type { ClaimedDelivery, DeliveryOutcome, TryRecord } from '../../../core/delivery.ts'
import { newUuid } from '../../../core/ids.ts'
import { planWith } from '../../../events/plan.ts'
import { keepDeliveries } from '../../../flows/endpoints/keep-deliveries.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)
const { env, storage } = api
const DAY_MS = 24 * 60 * 60_000
const plan = planWith(api.deps.doors, (_, fault) => assert.fail(String(fault)))

/** An account with one endpoint, and `count` events that are due there. */
async function shop(count: number) {
  const keys = await api.openAccount()
  const stripe = await api.sdk(keys.secret)
  const endpoint = await stripe.webhookEndpoints.create({ url: 'https://shop.example/x', enabled_events: ['*'] })
  for (let at = 0; at < count; at++) {
    await env.advance(1)
    await stripe.customers.create({ name: `Customer ${at}` })
  }
  await number(keys)
  const events = (await stripe.events.list()).data.toReversed()
  return { keys, stripe, endpoint, events, get: (path: string) => get(keys, path) }
}

const number = ({ tenant }: TestKeys) => storage.numberEvents(tenant, { limit: 100, now: env.now() }, plan)

async function get(keys: TestKeys, path: string) {
  const { status, json } = await api.ask(keys.secret, 'GET', path)
  assert.equal(status, 200, JSON.stringify(json))
  return json
}

async function claim({ tenant }: TestKeys): Promise<readonly ClaimedDelivery[]> {
  const now = env.now()
  const leasedUntil = new Date(now.getTime() + 60_000)
  return storage.claimDeliveries(tenant, {
    now,
    leasedUntil,
    limit: 100,
    failingLimit: 100,
    perEndpoint: 100,
    underWay: new Map(),
  })
}

const record = (more: Partial<TryRecord> = {}): TryRecord => ({
  id: newUuid(env),
  startedAt: env.now(),
  durationMs: 120,
  requestHeaders: { 'webhook-id': 'evt' },
  responseHeaders: { server: 'shop' },
  responseBody: 'thanks',
  ...more,
})
const taken = (): DeliveryOutcome => ({ state: 'delivered', at: env.now(), status: 200 })
const refused = (more: Partial<Extract<DeliveryOutcome, { state: 'pending' }>> = {}): DeliveryOutcome => ({
  state: 'pending',
  at: env.now(),
  nextAt: new Date(env.now().getTime() + 5_000),
  late: false,
  gone: false,
  status: 500,
  error: 'the answer was 500',
  ...more,
})
const settle = (claimed: ClaimedDelivery, outcome: DeliveryOutcome, kept = record()) =>
  storage.settleDelivery(claimed.tenant, claimed, outcome, kept)

test('every try can be read, of an event and of an endpoint, newest first and page by page', async () => {
  const { keys, stripe, endpoint, events, get } = await shop(1)
  const [first] = await claim(keys)
  assert.ok(first)
  await settle(first, refused(), record({ responseBody: 'no', durationMs: 40 }))
  await env.advance(5_000)
  const [second] = await claim(keys)
  assert.ok(second)
  await settle(second, taken())
  const ofEvent = await get(`/v1/events/${events[0]?.id}/attempts`)
  const [newest, oldest] = ofEvent.data
  assert.deepEqual(
    ofEvent.data.map((one: { status: unknown; nth: number; error: unknown }) => [one.nth, one.error]),
    [
      [2, null],
      [1, 'the answer was 500'],
    ],
  )
  assert.match(oldest.id, /^att_/)
  assert.deepEqual(oldest.response, { body: 'no', headers: { server: 'shop' }, status: 500 })
  assert.equal(oldest.next_attempt, oldest.created + 5)
  assert.equal(oldest.duration_ms, 40)
  assert.equal(JSON.parse(newest.request.body).id, events[0]?.id)
  assert.equal(newest.webhook_endpoint, endpoint.id)
  const page = await get(`/v1/webhook_endpoints/${endpoint.id}/attempts?limit=1`)
  assert.deepEqual([page.data[0].id, page.has_more], [newest.id, true])
  const next = await get(`/v1/webhook_endpoints/${endpoint.id}/attempts?limit=1&starting_after=${newest.id}`)
  assert.deepEqual([next.data[0].id, next.has_more], [oldest.id, false])
  const [delivery] = (await get(`/v1/events/${events[0]?.id}/deliveries`)).data
  assert.deepEqual([delivery.status, delivery.attempts, delivery.previous_number], ['delivered', 2, 0])
  assert.equal((await stripe.events.retrieve(events[0]?.id ?? '')).pending_webhooks, 0)
  const undelivered = await stripe.events.list({ delivery_success: false })
  assert.deepEqual(undelivered.data, [])
})

test('an endpoint says how it does', async () => {
  const { keys, endpoint, events, get } = await shop(3)
  const health = () => get(`/v1/webhook_endpoints/${endpoint.id}/health`)
  const before = await health()
  assert.deepEqual([before.status, before.success_rate, before.pending_deliveries], ['healthy', null, 3])
  assert.deepEqual(before.oldest_undelivered.event, events[0]?.id)
  const [one, two, three] = await claim(keys)
  assert.ok(one && two && three)
  await settle(one, taken(), record({ durationMs: 900 }))
  await settle(two, refused())
  await settle(three, refused())
  const failing = await health()
  assert.deepEqual(
    [failing.status, failing.success_rate, failing.failures_in_a_row, failing.p95_duration_ms],
    ['failing', 0.3333, 2, 900],
  )
  await env.advance(3_600_000)
  const [again] = await claim(keys)
  assert.ok(again)
  await settle(again, refused())
  assert.deepEqual((await health()).status, 'down')
})

test('an endpoint that is gone is disabled, says so, and gets what it missed when it is enabled', async () => {
  const { keys, stripe, endpoint, get } = await shop(1)
  const [claimed] = await claim(keys)
  assert.ok(claimed)
  await settle(claimed, refused({ status: 410, gone: true, error: 'the answer was 410' }))
  assert.equal((await stripe.webhookEndpoints.retrieve(endpoint.id)).status, 'disabled')
  const gone = await get(`/v1/webhook_endpoints/${endpoint.id}/health`)
  assert.deepEqual([gone.status, gone.disabled_reason], ['disabled', 'gone'])
  assert.equal(gone.disabled_at, Math.floor(env.now().getTime() / 1000))
  const plannedNext = async () => [
    (await get(`/v1/webhook_endpoints/${endpoint.id}/attempts`)).data[0].next_attempt,
    (await get(`/v1/webhook_endpoints/${endpoint.id}/deliveries?status=pending`)).data.at(-1).next_attempt,
  ]
  assert.deepEqual(await plannedNext(), [null, null])
  await env.advance(3_600_000)
  await stripe.customers.create({ name: 'Meanwhile' })
  await number(keys)
  assert.deepEqual(await claim(keys), [])
  const enabled = await stripe.webhookEndpoints.update(endpoint.id, { disabled: false })
  assert.equal(enabled.status, 'enabled')
  const waiting = await get(`/v1/webhook_endpoints/${endpoint.id}/deliveries?status=pending`)
  assert.deepEqual([waiting.data.length, typeof waiting.data[1].next_attempt], [2, 'number'])
  assert.equal((await claim(keys)).length, 2)
})

test('what the shop itself disabled misses what happens meanwhile', async () => {
  const { keys, stripe, endpoint } = await shop(0)
  await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
  await stripe.customers.create({ name: 'Meanwhile' })
  await number(keys)
  await stripe.webhookEndpoints.update(endpoint.id, { disabled: false })
  assert.deepEqual(await claim(keys), [])
})

test('a delivered event is sent once more, with the same bytes, and its failure changes nothing', async () => {
  const { keys, stripe, endpoint, events, get } = await shop(1)
  const [first] = await claim(keys)
  assert.ok(first)
  await settle(first, taken())
  await env.advance(1)
  const id = events[0]?.id ?? ''
  const form = `webhook_endpoint=${endpoint.id}&for_stripecli=true`
  const resent = await api.ask(keys.secret, 'POST', `/v1/events/${id}/retry`, form)
  assert.deepEqual([resent.status, resent.json.id], [200, id])
  const [again] = await claim(keys)
  assert.deepEqual([again?.kind, again?.number], ['resend', first.number])
  assert.deepEqual(again?.body, first.body)
  assert.ok(again)
  await settle(again, refused())
  assert.deepEqual(await claim(keys), [])
  const [delivery] = (await get(`/v1/events/${id}/deliveries`)).data
  assert.deepEqual([delivery.status, delivery.attempts, delivery.next_attempt], ['delivered', 2, null])
  const [attempt] = (await get(`/v1/events/${id}/attempts`)).data
  assert.deepEqual([attempt.kind, attempt.next_attempt], ['resend', null])

  const later = await stripe.webhookEndpoints.create({
    url: 'https://shop.example/y',
    enabled_events: ['charge.failed'],
  })
  await api.ask(keys.secret, 'POST', `/v1/events/${id}/retry`, `webhook_endpoint=${later.id}`)
  const [elsewhere] = await claim(keys)
  assert.equal(elsewhere?.url, 'https://shop.example/y')
  assert.equal(JSON.parse(Buffer.from(elsewhere?.body ?? []).toString()).id, id)
  assert.equal(elsewhere?.previousNumber, null)
})

test('a resend that cannot be is refused by name', async () => {
  const { keys, stripe, endpoint, events } = await shop(1)
  const other = await shop(0)
  const ask = async (form: string) => {
    const { status, json } = await api.ask(keys.secret, 'POST', `/v1/events/${events[0]?.id}/retry`, form)
    return [status, json.error?.code, json.error?.param]
  }
  assert.deepEqual(await ask(''), [400, 'parameter_missing', 'webhook_endpoint'])
  const listens = { device_name: 'laptop', websocket_features: ['webhooks'] }
  assert.equal((await api.ask(keys.secret, 'POST', '/v1/stripecli/sessions', listens)).status, 200)
  assert.deepEqual(await ask('for_stripecli=true'), [200, undefined, undefined])
  const [listener] = await api.sql<{ again: string[] }[]>`select again from listeners where tenant = ${keys.tenant}`
  assert.equal(listener?.again.length, 1)
  assert.deepEqual(await ask(`webhook_endpoint=${other.endpoint.id}`), [400, 'resource_missing', 'webhook_endpoint'])
  const account = (await other.get('/v1/account')).id
  assert.deepEqual(await ask(`webhook_endpoint=${endpoint.id}&account=${account}`), [403, 'account_invalid', 'account'])
  const own = (await get(keys, '/v1/account')).id
  assert.deepEqual(await ask(`webhook_endpoint=${endpoint.id}&account=${own}`), [200, undefined, undefined])
  await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
  assert.deepEqual(await ask(`webhook_endpoint=${endpoint.id}`), [400, 'endpoint_disabled', 'webhook_endpoint'])
})

test('what was given up after 30 days can be seen and is sent again, in order and at a bounded pace', async () => {
  const { keys, endpoint, events, get } = await shop(3)
  for (const claimed of await claim(keys))
    await settle(claimed, refused({ nextAt: new Date(env.now().getTime() + DAY_MS) }))
  await env.advance(29 * DAY_MS)
  await keepDeliveries(api.deps)
  assert.deepEqual((await get(`/v1/webhook_endpoints/${endpoint.id}/deliveries?status=failed`)).data, [])
  await env.advance(DAY_MS)
  await keepDeliveries(api.deps)
  const failed = await get(`/v1/webhook_endpoints/${endpoint.id}/deliveries?status=failed`)
  assert.deepEqual(
    failed.data.map((one: { event: string }) => one.event),
    events.map(({ id }) => id).toReversed(),
  )
  assert.match(failed.data[0].last_error, /^given up after 30 days: the answer was 500$/)
  const from = events[1]?.created ?? 0
  const form = `created[gte]=${from - 60}&created[lt]=${from + 60}`
  const resent = await api.ask(keys.secret, 'POST', `/v1/webhook_endpoints/${endpoint.id}/resend`, form)
  assert.deepEqual([resent.json.count, resent.json.has_more], [3, false])
  assert.deepEqual(await claim(keys), [])
  await env.advance(80)
  const numbers = (await claim(keys)).map((one) => Number(one.number))
  assert.deepEqual(numbers.length, 2)
  await env.advance(40)
  const [last] = await claim(keys)
  assert.ok(last && Number(last.number) > Math.max(...numbers))
  await settle(last, taken())
  assert.deepEqual((await get(`/v1/events/${events[2]?.id}/deliveries`)).data[0].status, 'delivered')
})

test('tries are kept 30 days, bytes and deliveries that are over 60, and the newest delivery for its number', async () => {
  const { keys, stripe, endpoint, events, get } = await shop(2)
  for (const claimed of await claim(keys)) await settle(claimed, taken())
  await env.advance(30 * DAY_MS + 1_000)
  await keepDeliveries(api.deps)
  assert.deepEqual((await get(`/v1/webhook_endpoints/${endpoint.id}/attempts`)).data, [])
  assert.equal((await get(`/v1/webhook_endpoints/${endpoint.id}/deliveries`)).data.length, 2)
  await env.advance(30 * DAY_MS)
  await keepDeliveries(api.deps)
  const left = (await get(`/v1/webhook_endpoints/${endpoint.id}/deliveries`)).data
  assert.deepEqual([left.length, left[0].event], [1, events[1]?.id])
  const bodies = await api.sql`select number from event_bodies where tenant = ${keys.tenant}`
  assert.equal(bodies.length, 1)
  await stripe.customers.create({ name: 'New' })
  await number(keys)
  const [next] = await claim(keys)
  assert.equal(next?.previousNumber, BigInt(left[0].event_number))
  assert.equal((await stripe.events.retrieve(events[0]?.id ?? '')).id, events[0]?.id)
  if (next) await settle(next, taken())
  await stripe.webhookEndpoints.del(endpoint.id)
  await env.advance(61 * DAY_MS)
  await keepDeliveries(api.deps)
  const rest = await api.sql`select number from event_bodies where tenant = ${keys.tenant}`
  assert.equal(rest.length, 0)
})

test('a 410 of an address that the shop has left meanwhile is tried again at the new one', async () => {
  const { keys, stripe, endpoint, get } = await shop(1)
  const [claimed] = await claim(keys)
  assert.ok(claimed)
  await stripe.webhookEndpoints.update(endpoint.id, { url: 'https://shop.example/new' })
  await settle(claimed, refused({ status: 410, gone: true, error: 'the answer was 410' }))
  const [attempt] = (await get(`/v1/webhook_endpoints/${endpoint.id}/attempts`)).data
  assert.equal(attempt.next_attempt, attempt.created + 5)
})

test('what somebody wanted once more is forgotten where its endpoint was disabled instead', async () => {
  const { keys, stripe, endpoint, events, get } = await shop(2)
  for (const claimed of await claim(keys)) await settle(claimed, taken())
  const [first] = events
  const wanted = `/v1/events/${first?.id}/retry`
  assert.equal((await api.ask(keys.secret, 'POST', wanted, `webhook_endpoint=${endpoint.id}`)).status, 200)
  await env.advance(61 * DAY_MS)
  await keepDeliveries(api.deps)
  const deliveries = async () => (await get(`/v1/webhook_endpoints/${endpoint.id}/deliveries`)).data
  assert.equal((await deliveries()).length, 2, 'it is still to be sent')
  await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
  assert.equal((await deliveries())[1].next_attempt, null)
  await keepDeliveries(api.deps)
  const left: { event: string }[] = await deliveries()
  assert.deepEqual(
    left.map(({ event }) => event),
    [events[1]?.id],
  )
})

test('a test event goes to its endpoint alone', async () => {
  const { keys, stripe, endpoint } = await shop(0)
  await stripe.webhookEndpoints.create({ url: 'https://shop.example/y', enabled_events: ['*'] })
  const sent = await api.ask(keys.secret, 'POST', `/v1/webhook_endpoints/${endpoint.id}/test`, '')
  assert.deepEqual([sent.status, sent.json.type], [200, 'webhook_endpoint.test'])
  assert.equal(sent.json.data.object.id, endpoint.id)
  await number(keys)
  const claimed = await claim(keys)
  assert.deepEqual(
    claimed.map(({ url }) => url),
    ['https://shop.example/x'],
  )
  const body = Buffer.from(claimed[0]?.body ?? []).toString()
  assert.equal(JSON.parse(body).id, sent.json.id)
  assert.doesNotMatch(body, /whsec|sealed/)
  await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
  const refusal = await api.ask(keys.secret, 'POST', `/v1/webhook_endpoints/${endpoint.id}/test`, '')
  assert.equal(refusal.json.error.code, 'endpoint_disabled')
})

test('a repeated request with its key tells, sends and hurries once, and reads the first answer', async () => {
  const { keys, stripe, endpoint, events } = await shop(2)
  const event = events[0]?.id ?? ''
  const twice = async (path: string, form: string) => {
    const headers = { 'idempotency-key': `key of ${path}` }
    const first = await api.ask(keys.secret, 'POST', path, form, headers)
    await number(keys)
    for (const claimed of await claim(keys)) await settle(claimed, taken())
    await env.advance(1_000)
    const again = await api.ask(keys.secret, 'POST', path, form, headers)
    assert.deepEqual([first.status, again.status], [200, 200], again.text)
    assert.equal(first.headers['idempotent-replayed'], undefined)
    assert.equal(again.headers['idempotent-replayed'], 'true')
    await number(keys)
    assert.deepEqual(await claim(keys), [], 'the second request has nothing sent')
    const other = await api.ask(keys.secret, 'POST', path, `${form}&expand[]=data`, headers)
    assert.equal(other.status, 400)
    return [first.json, again.json]
  }
  const [resent, resentAgain] = await twice(`/v1/webhook_endpoints/${endpoint.id}/resend`, 'created[gte]=1')
  assert.deepEqual(resentAgain, resent)
  assert.equal(resent.count, 2)
  const [told, toldAgain] = await twice(`/v1/webhook_endpoints/${endpoint.id}/test`, '')
  assert.deepEqual(toldAgain, told)
  const [retried, retriedAgain] = await twice(`/v1/events/${event}/retry`, `webhook_endpoint=${endpoint.id}`)
  assert.deepEqual([retried.id, retriedAgain.id], [event, event])
  await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
  const path = `/v1/webhook_endpoints/${endpoint.id}/test`
  const refusedNow = await api.ask(keys.secret, 'POST', path, '', { 'idempotency-key': `key of ${path}` })
  assert.equal(refusedNow.json.id, told.id, 'the first answer stays the answer')
  const tests = await stripe.events.list({ type: 'webhook_endpoint.test' })
  assert.equal(tests.data.length, 1)
})

test('an event is heard again once per key by whoever listens', async () => {
  const { keys, events } = await shop(1)
  const listens = { device_name: 'laptop', websocket_features: ['webhooks'] }
  await api.ask(keys.secret, 'POST', '/v1/stripecli/sessions', listens)
  const path = `/v1/events/${events[0]?.id}/retry`
  const ask = () => api.ask(keys.secret, 'POST', path, 'for_stripecli=true', { 'idempotency-key': 'hear' })
  const again = async () =>
    (await api.sql<{ again: string[] }[]>`select again from listeners where tenant = ${keys.tenant}`)[0]?.again.length
  assert.equal((await ask()).json.id, events[0]?.id)
  assert.equal(await again(), 1)
  await api.sql`update listeners set again = '{}' where tenant = ${keys.tenant}`
  assert.equal((await ask()).headers['idempotent-replayed'], 'true')
  assert.equal(await again(), 0)
})

test('a secret is rolled: the new one is shown once, the old one signs beside it until its time is over', async () => {
  const { keys, endpoint } = await shop(1)
  const path = `/v1/webhook_endpoints/${endpoint.id}/roll_secret`
  const roll = (form: string, key: string) => api.ask(keys.secret, 'POST', path, form, { 'idempotency-key': key })
  const rolled = await roll('', 'roll-1')
  assert.match(rolled.json.secret, /^whsec_/)
  assert.notEqual(rolled.json.secret, endpoint.secret)
  const now = Math.floor(env.now().getTime() / 1000)
  assert.equal(rolled.json.previous_secret_expires_at, now + 86_400)
  const again = await roll('', 'roll-1')
  assert.deepEqual([again.status, again.json.secret], [200, undefined])
  const [claimed] = await claim(keys)
  const { sealer } = api.deps as unknown as { sealer: { open(tenant: number, sealed: Uint8Array): string } }
  assert.equal(sealer.open(keys.tenant, claimed?.sealedSecret ?? new Uint8Array()), rolled.json.secret)
  assert.equal(sealer.open(keys.tenant, claimed?.sealedPrevious ?? new Uint8Array()), endpoint.secret)
  const atOnce = await roll('expires_in=0', 'roll-2')
  assert.equal(atOnce.json.previous_secret_expires_at, null)
  for (const wrong of ['604801', '-1', 'soon']) {
    assert.equal((await roll(`expires_in=${wrong}`, `roll ${wrong}`)).status, 400)
  }
  const dump = await api.sql<{ row: string }[]>`
    select webhook_endpoints::text as row from webhook_endpoints
    union all select idempotency::text from idempotency`
  for (const { row } of dump)
    for (const secret of [rolled.json.secret, endpoint.secret]) assert.ok(!row.includes(secret))
})
