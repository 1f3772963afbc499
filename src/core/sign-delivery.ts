import { createHmac } from 'node:crypto'

const SECRET = /^whsec_((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?)$/

export type SignedAttempt = {
  /** The event's name: the same on every try. */
  readonly eventName: string
  /** Time of this attempt, whole Unix seconds. */
  readonly sentAtSeconds: number
  /** The bytes that go on the wire; never serialize again after signing. */
  readonly body: Uint8Array
  /** `whsec_` and base64 of 24 to 64 bytes. Two while a secret is being rolled: both sign, newest first. */
  readonly secrets: readonly string[]
}

/**
 * The headers of one attempt in both schemes that shops' libraries know, over the same bytes and under the same secret:
 * Stripe's, whose key is the whole text of the secret (docs.stripe.com/webhooks, "Verify manually"), and that of
 * Standard Webhooks 1.0.0 ("Signature scheme"), whose key is what the base64 after `whsec_` stands for.
 * @throws RangeError when a secret is not of this form, or there is none
 */
export function signatureHeaders({ eventName, sentAtSeconds, body, secrets }: SignedAttempt): Record<string, string> {
  if (secrets.length === 0) throw new RangeError('a delivery is signed with at least one secret')
  const keys = secrets.map(parseSecret)
  const stripe = secrets.map((secret) => `v1=${hmac(secret, `${sentAtSeconds}.`, body).toString('hex')}`)
  const standard = keys.map((key) => `v1,${hmac(key, `${eventName}.${sentAtSeconds}.`, body).toString('base64')}`)
  return {
    'stripe-signature': `t=${sentAtSeconds},${stripe.join(',')}`,
    'webhook-id': eventName,
    'webhook-timestamp': String(sentAtSeconds),
    'webhook-signature': standard.join(' '),
  }
}

function parseSecret(secret: string): Uint8Array {
  const key = Buffer.from(SECRET.exec(secret)?.[1] ?? '', 'base64')
  if (key.length < 24 || key.length > 64)
    throw new RangeError('a webhook secret is whsec_ and base64 of 24 to 64 bytes')
  return key
}

function hmac(key: string | Uint8Array, prefix: string, body: Uint8Array): Buffer {
  return createHmac('sha256', key).update(prefix).update(body).digest()
}
