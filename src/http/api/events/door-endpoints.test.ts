import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestApi } from '../../../../test/support/api.ts'
import { testEnv } from '../../../../test/support/env.ts'
import { plainDoor } from '../../../../test/support/plain-door.ts'
import { nameOf, parseName } from '../../../core/ids.ts'
import { DOORS } from '../../../core/session.ts'
import { makeSecretSealer } from '../../../events/endpoint-secret.ts'
import { namedEndpoint } from '../../../flows/endpoints/named-endpoints.ts'
import { doorEvents } from '../../dialects/door-events.ts'

/** A door of this test: one fact under a name of its own, and secrets in a form of its own. */
const bpc = plainDoor('bpc', ({ event }) => ({ told: event.type }), {
  types: ['thing.changed'],
  explicit: [],
  typeOf: ({ type }) => (type === 'customer.updated' ? 'thing.changed' : undefined),
  newSecret: (randomBytes) => Buffer.from(randomBytes(32)).toString('hex'),
})
const sealer = makeSecretSealer(testEnv(), new Uint8Array(32))
const doors = { ...doorEvents(() => ({ publicUrl: 'https://pay.example' })), bpc }
const api = await startTestApi(import.meta.url, { doors, sealer })
after(api.stop)
const { secret: key, tenant } = await api.openAccount()
const PLACE = '/v1/webhook_endpoints'
const URL = 'https://shop.example/x'

test('an endpoint of another door asks under the names of that door, and says whose it is', async () => {
  const body = { url: URL, door: 'bpc', enabled_events: ['thing.changed'] }
  const made = await api.ask(key, 'POST', PLACE, body)
  assert.equal(made.status, 200, made.text)
  assert.equal(made.json.door, 'bpc')
  assert.match(made.json.secret, /^[0-9a-f]{64}$/)
  assert.equal((await api.ask(key, 'GET', `${PLACE}/${made.json.id}`)).json.door, 'bpc')

  const changed = await api.ask(key, 'POST', `${PLACE}/${made.json.id}`, { enabled_events: ['*'] })
  assert.deepEqual([changed.json.door, changed.json.enabled_events], ['bpc', ['*']])
  const wrong = await api.ask(key, 'POST', `${PLACE}/${made.json.id}`, { enabled_events: ['*', 'charge.failed'] })
  assert.deepEqual(
    [wrong.status, wrong.json.error.code, wrong.json.error.param],
    [400, 'parameter_invalid_enum', 'enabled_events[1]'],
  )
  assert.match(wrong.json.error.message, /must be one of \*, or thing\.changed$/)
  const moved = await api.ask(key, 'POST', `${PLACE}/${made.json.id}`, { door: 'native' })
  assert.deepEqual([moved.json.error.code, moved.json.error.param], ['parameter_unknown', 'door'])
})

test('an endpoint of the native door is as it was: its door goes without saying', async () => {
  const body = { url: URL, door: 'native', enabled_events: ['invoice.paid', 'checkout.session.created'] }
  const made = await api.ask(key, 'POST', PLACE, body)
  assert.equal('door' in made.json, false)
  assert.match(made.json.secret, /^whsec_/)
  const wrong = await api.ask(key, 'POST', PLACE, { ...body, enabled_events: ['thing.changed'] })
  assert.equal(wrong.json.error.param, 'enabled_events[0]')
})

test('a door that is unknown, or that tells no events, is refused by name', async () => {
  const unknown = await api.ask(key, 'POST', PLACE, { url: URL, door: 'stripe', enabled_events: ['*'] })
  assert.deepEqual([unknown.json.error.code, unknown.json.error.param], ['parameter_invalid_enum', 'door'])
  for (const door of DOORS) assert.ok(unknown.json.error.message.includes(door), door)
  const mute = await api.ask(key, 'POST', PLACE, { url: URL, door: 'ozura', enabled_events: ['*'] })
  assert.deepEqual([mute.status, mute.json.error.code, mute.json.error.param], [400, 'door_without_events', 'door'])
  assert.match(mute.json.error.message, /ozura/)
})

test('a receiver keeps the secret that it has; it rests sealed, and the native door takes none', async () => {
  const secret = 'portal-secret-1'
  const body = { url: URL, door: 'bpc', enabled_events: ['*'], secret }
  const made = await api.ask(key, 'POST', PLACE, body)
  assert.equal(made.json.secret, secret)
  assert.equal((await api.ask(key, 'GET', `${PLACE}/${made.json.id}`)).json.secret, undefined)
  const { id } = parseName('endpoint', made.json.id) ?? assert.fail()
  const stored = await api.storage.findEndpoint(tenant, id)
  assert.equal(sealer.open(tenant, stored?.sealedSecret ?? new Uint8Array()), secret)
  const dump = await api.sql<{ row: string }[]>`select webhook_endpoints::text as row from webhook_endpoints`
  assert.ok(!dump.some(({ row }) => row.includes(secret) || row.includes(Buffer.from(secret).toString('hex'))))

  for (const wrong of ['short77', 'with a space', 'ü'.repeat(20)]) {
    const refused = await api.ask(key, 'POST', PLACE, { ...body, secret: wrong })
    assert.deepEqual([refused.json.error.code, refused.json.error.param], ['endpoint_secret_refused', 'secret'])
    assert.ok(!refused.text.includes(wrong))
  }
  const native = await api.ask(key, 'POST', PLACE, { ...body, door: 'native' })
  assert.equal(native.json.error.code, 'endpoint_secret_refused')
  const rolled = await api.ask(key, 'POST', `${PLACE}/${made.json.id}/roll_secret`, {})
  assert.match(rolled.json.secret, /^[0-9a-f]{64}$/)
})

test('an endpoint whose addresses sessions name is listed and marked, and can be switched off but not moved', async () => {
  const context = { ...api.deps, allowLoopback: false }
  const named = await namedEndpoint(context, tenant, 'bpc', 'https://named.example/hook?order=7')
  assert.ok(named.ok)
  const name = nameOf('endpoint', tenant, named.value.endpointId)
  const { json } = await api.ask(key, 'GET', `${PLACE}?limit=100`)
  const listed = json.data.find(({ id }: { id: string }) => id === name)
  assert.deepEqual([listed.named_by_sessions, listed.url, listed.door], [true, 'https://named.example', 'bpc'])
  const moved = await api.ask(key, 'POST', `${PLACE}/${name}`, { url: URL })
  assert.deepEqual([moved.json.error.code, moved.json.error.param], ['endpoint_url_refused', 'url'])
  assert.equal((await api.ask(key, 'POST', `${PLACE}/${name}`, { disabled: true })).json.status, 'disabled')
  assert.equal((await api.ask(key, 'POST', `${PLACE}/${name}/test`, {})).json.error.code, 'endpoint_disabled')
})

test('what a door does not tell is neither sent as a test nor once more', async () => {
  const made = await api.ask(key, 'POST', PLACE, { url: URL, door: 'bpc', enabled_events: ['*'] })
  const tested = await api.ask(key, 'POST', `${PLACE}/${made.json.id}/test`, {})
  assert.deepEqual([tested.status, tested.json.error.code], [400, 'event_not_told'])
  await api.ask(key, 'POST', '/v1/customers', { name: 'Ada' })
  const { json: told } = await api.ask(key, 'GET', '/v1/events?type=customer.created')
  const again = await api.ask(key, 'POST', `/v1/events/${told.data[0].id}/retry`, { webhook_endpoint: made.json.id })
  assert.deepEqual([again.status, again.json.error.code], [400, 'event_not_told'])
})
