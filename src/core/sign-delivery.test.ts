import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { testEnv } from '../../test/support/env.ts'
import { makeEnv } from '../env.ts'
import { makeSecretSealer, newEndpointSecret } from '../events/endpoint-secret.ts'
import { testTenant } from './ids.ts'
import { signatureHeaders } from './sign-delivery.ts'

const SECRET = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const OLDER = `whsec_${Buffer.alloc(24, 8).toString('base64')}`
const body = Buffer.from('{"id":"evt_1","object":"event","data":{"object":{"name":"Ünïcode ☕"}}}')
const nowSeconds = () => Math.floor(makeEnv().now().getTime() / 1000)
const sign = (secrets: readonly string[], sentAtSeconds = nowSeconds()) =>
  signatureHeaders({ eventName: 'evt_1', sentAtSeconds, body, secrets })

test('the header formats, by hand', () => {
  const headers = sign([SECRET], 1_700_000_000)
  const hex = createHmac('sha256', SECRET).update(`1700000000.${body}`).digest('hex')
  const base64 = createHmac('sha256', Buffer.alloc(32, 7)).update(`evt_1.1700000000.${body}`).digest('base64')
  assert.deepEqual(headers, {
    'stripe-signature': `t=1700000000,v1=${hex}`,
    'webhook-id': 'evt_1',
    'webhook-timestamp': '1700000000',
    'webhook-signature': `v1,${base64}`,
  })
})

for (const [name, secrets] of [
  ['one secret', [SECRET]],
  ['two, while it is rolled', [SECRET, OLDER]],
] as const) {
  test(`both libraries accept a delivery signed with ${name}`, () => {
    const headers = sign(secrets)
    for (const secret of secrets) {
      const event = Stripe.webhooks.constructEvent(body, String(headers['stripe-signature']), secret)
      assert.equal(event.id, 'evt_1')
      assert.deepEqual(new Webhook(secret).verify(body.toString(), headers), JSON.parse(body.toString()))
    }
  })
}

test('neither accepts another secret, other bytes or an old time', () => {
  const cases = [
    [sign([OLDER]), body],
    [sign([SECRET]), Buffer.from(`${body} `)],
    [sign([SECRET], nowSeconds() - 302), body],
  ] as const
  for (const [headers, bytes] of cases) {
    assert.throws(() => Stripe.webhooks.constructEvent(bytes, String(headers['stripe-signature']), SECRET))
    assert.throws(() => new Webhook(SECRET).verify(bytes.toString(), headers))
  }
})

const WRONG = [
  '',
  'whsec_',
  SECRET.slice(6),
  `whsec_${Buffer.alloc(23).toString('base64')}`,
  `${SECRET}!`,
  `${SECRET}=`,
]
test('a secret of another form is a bug of the caller', () => {
  for (const secret of WRONG) assert.throws(() => sign([secret]), RangeError, secret)
  assert.throws(() => sign([`whsec_${Buffer.alloc(65).toString('base64')}`]), RangeError)
  assert.throws(() => sign([]), RangeError)
})

test('a new secret signs, differs from the last, and rests sealed to its tenant', () => {
  const env = testEnv()
  const secret = newEndpointSecret(env)
  assert.notEqual(newEndpointSecret(env), secret)
  sign([secret])
  const sealer = makeSecretSealer(env, env.randomBytes(32))
  const sealed = sealer.seal(testTenant(1), secret)
  assert.equal(sealer.open(testTenant(1), sealed), secret)
  assert.equal(sealer.open(testTenant(2), sealed), undefined)
  assert.notDeepEqual(sealer.seal(testTenant(1), secret), sealed)
  assert.ok(!Buffer.from(sealed).includes(secret.slice(6)))
})
