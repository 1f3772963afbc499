import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testCommandLine } from '../../test/support/command-line.ts'
import { endpointOf, factOf } from '../../test/support/told-events.ts'
import { nameOf, newUuid, otherMode, parseName } from '../core/ids.ts'
import { makeSecretSealer } from '../events/endpoint-secret.ts'
import { planWith } from '../events/plan.ts'
import { doorEvents } from '../http/dialects/door-events.ts'

const till = await testCommandLine(import.meta.url)
after(till.drop)
const { run, context } = till
const { env, storage } = context
const plan = planWith(
  doorEvents(() => ({ publicUrl: 'https://pay.example' })),
  (_, fault) => assert.fail(String(fault)),
)

async function json(line: string) {
  const { code, out, err } = await run(`${line} --json`)
  assert.deepEqual([code, err], [0, ''], line)
  return JSON.parse(out)
}

/** An account with one endpoint and one event that was refused there. */
const made = await json('accounts create --name "Book shop"')
const tenant = otherMode(parseName('account', made.id)?.tenant ?? (0 as never))
const sealer = makeSecretSealer(env, new Uint8Array(32).fill(7))
const endpoint = endpointOf(env, tenant, { sealedSecret: sealer.seal(tenant, 'whsec_old') })
const we = nameOf('endpoint', tenant, endpoint.id)
const fact = factOf(env, tenant, { root: newUuid(env), rootVersion: 1, ordinal: 0 })
const evt = nameOf('event', tenant, fact.id)
await storage.commit({ endpoints: [endpoint], events: [fact] })
await storage.numberEvents(tenant, { limit: 10, now: env.now() }, plan)

async function claim() {
  const now = env.now()
  const leasedUntil = new Date(now.getTime() + 60_000)
  const limits = { limit: 10, failingLimit: 10, perEndpoint: 10, underWay: new Map() }
  return storage.claimDeliveries(tenant, { now, leasedUntil, ...limits })
}

test('what becomes of an event, from its first try to a resend', async () => {
  const [claimed] = await claim()
  assert.ok(claimed)
  const at = env.now()
  const nextAt = new Date(at.getTime() + 86_400_000)
  const error = 'the answer was 500'
  await storage.settleDelivery(
    tenant,
    claimed,
    { state: 'pending', at, nextAt, late: false, gone: false, status: 500, error },
    { id: newUuid(env), startedAt: at, durationMs: 12, requestHeaders: {}, responseHeaders: {}, responseBody: '' },
  )
  const [attempt] = await json(`events attempts ${evt}`)
  assert.deepEqual([attempt.endpoint, attempt.status, attempt.error, attempt.nth], [we, 500, error, 1])
  assert.deepEqual(await json(`endpoints attempts ${we}`), [attempt])
  assert.match((await run(`events attempts ${evt}`)).out, /^AT .*OUTCOME\n.* 500 +12 +the answer was 500\n$/)
  const health = await json(`endpoints health ${we}`)
  assert.deepEqual([health.status, health.success_rate, health.oldest_undelivered], ['failing', 0, evt])
  const [listed] = await json('endpoints list')
  assert.deepEqual([listed.id, listed.status, listed.pending], [we, 'failing', 1])
  assert.deepEqual(await json('endpoints list --live'), [])
  assert.deepEqual(await claim(), [])
  assert.equal((await run(`events resend ${evt} --endpoint ${we}`)).out, `${evt} is sent to ${we} once more.\n`)
  assert.equal((await claim()).length, 1)
})

test('what was not taken is sent again by range', async () => {
  assert.deepEqual(await json(`endpoints resend ${we} --from 2026-01-01 --before 2026-01-02`), {
    count: 0,
    has_more: false,
  })
  assert.deepEqual(await json(`endpoints resend ${we} --from 2026-01-01`), { count: 1, has_more: false })
})

test('a test is told', async () => {
  const { event } = await json(`endpoints test ${we}`)
  const parsed = parseName('event', event)
  assert.equal((await storage.findEvent(tenant, parsed?.id ?? newUuid(env)))?.event.type, 'webhook_endpoint.test')
})

test('a secret is rolled and shown once', async () => {
  const rolled = await json(`endpoints roll-secret ${we} --expires-in 3600`)
  const stored = await storage.findEndpoint(tenant, endpoint.id)
  assert.equal(sealer.open(tenant, stored?.sealedSecret ?? new Uint8Array()), rolled.secret)
  assert.equal(sealer.open(tenant, stored?.sealedPrevious ?? new Uint8Array()), 'whsec_old')
  const text = (await run(`endpoints roll-secret ${we} --expires-in 0`)).out
  assert.match(
    text,
    /^Rolled the secret of we_\w+\.\n\n {2}whsec_\S+\n\nIt is not shown again\. The old one signs no more\.\n$/,
  )
})

test('what is not there is said by name', async () => {
  for (const line of ['endpoints health we_x', `events resend ${evt} --endpoint we_x`, 'events attempts evt_x']) {
    assert.equal((await run(line)).code, 4, line)
  }
})

test('an endpoint is made in the form of a door, with a secret that is shown once, and deleted', async () => {
  const { id, secret, ...rest } = await json(
    'endpoints create https://shop.example/bpc --door bpc --events session.completed',
  )
  assert.deepEqual(rest, { url: 'https://shop.example/bpc', door: 'bpc', enabled_events: ['session.completed'] })
  assert.ok(secret.length >= 32)
  const listed = async () => (await json('endpoints list')).map((one: { readonly id: string }) => one.id)
  assert.ok((await listed()).includes(id))
  assert.equal((await run(`endpoints delete ${id}`)).out, `Deleted endpoint ${id}.\n`)
  assert.ok(!(await listed()).includes(id))
})

for (const [line, sentence] of [
  ['endpoints create https://10.0.0.1/hook', /^Events cannot be delivered to this URL/],
  ['endpoints create http://shop.example/hook', /^Events cannot be delivered to this URL/],
  ['endpoints create https://shop.example/ --door ozura', /^The door ozura tells no events/],
  ['endpoints create https://shop.example/ --door bpc --events payment_intent.created', /^--events names a type/],
] as const) {
  test(`a fault: opentill ${line}`, async () => {
    const { code, out, err } = await run(line)
    assert.deepEqual([code, out], [1, ''])
    assert.match(err, sentence)
  })
}
