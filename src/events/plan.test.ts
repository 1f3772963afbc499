import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { plainDoor } from '../../test/support/plain-door.ts'
import { endpointOf, factOf } from '../../test/support/told-events.ts'
import type { EventFact, EventType, WebhookEndpoint } from '../core/event.ts'
import { newUuid, testTenant } from '../core/ids.ts'
import { planWith } from './plan.ts'
import { wantsEvent } from './wants.ts'

const env = testEnv()
const tenant = testTenant(1)
/** A door that knows two facts, under names of its own, and says them in its own words. */
const bpc = plainDoor('bpc', ({ event }) => ({ told: event.type }), {
  types: ['thing.changed', 'thing.made'],
  explicit: ['thing.made'],
  typeOf: ({ type }) =>
    type === 'customer.updated' ? 'thing.changed' : type === 'customer.created' ? 'thing.made' : undefined,
})
const doors = { native: plainDoor('native', ({ event, pending }) => ({ type: event.type, pending })), bpc }
const fact = (type: EventType, more: Partial<EventFact> = {}) =>
  factOf(env, tenant, { root: newUuid(env), rootVersion: 1, ordinal: 0 }, { type, ...more })
const wants = (more: Partial<WebhookEndpoint>, type: EventType) =>
  wantsEvent(doors, endpointOf(env, tenant, more), fact(type))

test('`*` is every type that Stripe has; ours are sent to whoever names them', () => {
  assert.equal(wants({}, 'charge.succeeded'), true)
  assert.equal(wants({}, 'checkout.session.created'), false)
  assert.equal(wants({ enabledEvents: ['*', 'checkout.session.created'] }, 'checkout.session.created'), true)
  assert.equal(wants({ enabledEvents: ['charge.succeeded'] }, 'charge.succeeded'), true)
  assert.equal(wants({ enabledEvents: ['charge.succeeded'] }, 'charge.failed'), false)
})

test('an endpoint of a door gets what the door tells, asked for under the names of the door', () => {
  const door = 'bpc'
  assert.equal(wants({ door }, 'customer.updated'), true)
  assert.equal(wants({ door }, 'customer.created'), false)
  assert.equal(wants({ door }, 'charge.succeeded'), false)
  assert.equal(wants({ door, enabledEvents: ['thing.made'] }, 'customer.created'), true)
  assert.equal(wants({ door, enabledEvents: ['customer.created'] }, 'customer.created'), false)
  assert.equal(wants({ door: 'ozura' }, 'customer.updated'), false)
})

test('endpoints of two doors get the same event, each in its own form, rendered once for all of a door', () => {
  const endpoints = [{}, { door: 'bpc' as const }, { door: 'bpc' as const }].map((more) =>
    endpointOf(env, tenant, more),
  )
  const planned = planWith(doors, (_, fault) => assert.fail(String(fault)))(fact('customer.updated'), 1n, endpoints)
  assert.deepEqual(
    planned?.bodies.map(({ shape, body }) => [shape, JSON.parse(Buffer.from(body).toString())]),
    [
      ['native/plain', { type: 'customer.updated', pending: 3 }],
      ['bpc/plain', { told: 'customer.updated' }],
    ],
  )
  assert.deepEqual(
    planned?.deliveries.map(({ shape }) => shape),
    ['native/plain', 'bpc/plain', 'bpc/plain'],
  )
})

test('a test goes to the endpoint that is tested, where its door has a word for tests', () => {
  const [one, other, mute] = [{}, {}, { door: 'bpc' as const }].map((more) => endpointOf(env, tenant, more))
  assert.ok(one && other && mute)
  const told = (endpoint: WebhookEndpoint) =>
    fact('webhook_endpoint.test', { snapshot: { is: 'endpoint', v: 1, endpoint } })
  assert.equal(wantsEvent(doors, one, told(one)), true)
  assert.equal(wantsEvent(doors, other, told(one)), false)
  assert.equal(wantsEvent(doors, mute, told(mute)), false)
})

test('bytes that take the name of another door’s are a fault, and the event waits', () => {
  const thief = plainDoor('native', () => ({}))
  const faults: unknown[] = []
  const plan = planWith({ bpc: thief }, (_, fault) => faults.push(fault))
  const endpoints = [endpointOf(env, tenant, { door: 'bpc' })]
  assert.equal(plan(fact('customer.updated'), 1n, endpoints), undefined)
  assert.match(String(faults[0]), /no bytes of its own/)
})
