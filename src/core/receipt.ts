import { createHash, createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto'
import type { Charge } from './charge.ts'
import type { Currency } from './currencies.ts'
import { isLive, nameOf, type Tenant, type Uuid } from './ids.ts'
import type { Payment } from './payment.ts'
import type { Session } from './session.ts'
import { standingOf, versionOf } from './standing.ts'
import { toStripeMinor } from './stripe-amounts.ts'

/** A tenant's key to sign receipts with. One signs at a time; those that did before are published for a while. */
export type ReceiptKey = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  /** 32 bytes (RFC 8032 §5.1.5). */
  readonly publicKey: Uint8Array
  /** The private part, sealed: nobody but the signer opens it. */
  readonly sealedSeed: Uint8Array
  readonly createdAt: Date
  readonly retiredAt: Date | null
}

/** A receipt is a statement of one moment: beyond this it is not to be relied on. */
export const RECEIPT_LIFE_SECONDS = 15 * 60
/** Keys that no longer sign are published so long: a receipt that was kept can still be read. */
export const RETIRED_KEY_LIFE_MS = 30 * 24 * 60 * 60 * 1000
/** `typ` of the header: no token of another kind passes for a receipt (RFC 8725 §3.11). */
export const RECEIPT_TYPE = 'opentill-receipt+jwt'

/** What a PKCS#8 file of an Ed25519 key begins with (RFC 8410 §7); the seed follows. */
const PKCS8_START = Buffer.from('302e020100300506032b657004220420', 'hex')

const privateKey = (seed: Uint8Array): KeyObject =>
  createPrivateKey({ key: Buffer.concat([PKCS8_START, seed]), format: 'der', type: 'pkcs8' })

/** @param seed 32 random bytes, which are the private key */
export function publicKeyOf(seed: Uint8Array): Uint8Array {
  const { x = '' } = createPublicKey(privateKey(seed)).export({ format: 'jwk' })
  return Uint8Array.from(Buffer.from(x, 'base64url'))
}

/** The key's name is its thumbprint (RFC 7638, RFC 8037 §2): who has the key can check its name. */
export function keyName(publicKey: Uint8Array): string {
  const members = JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x: Buffer.from(publicKey).toString('base64url') })
  return createHash('sha256').update(members).digest('base64url')
}

/** A published key (RFC 7517, RFC 8037). */
export function publishedKey(publicKey: Uint8Array) {
  const x = Buffer.from(publicKey).toString('base64url')
  return { kty: 'OKP', crv: 'Ed25519', alg: 'EdDSA', use: 'sig', kid: keyName(publicKey), x } as const
}

export type View = { readonly session: Session; readonly payment: Payment | null; readonly charge: Charge | null }

/** What is said of a session: nothing about a person, and nothing that the shop wrote. */
export function receiptClaims(view: View, issuer: string, now: Date) {
  const { session } = view
  const issuedAt = Math.floor(now.getTime() / 1000)
  const amount = toStripeMinor({ minor: session.amountTotal, currency: session.currency as Currency })
  if (amount === undefined) throw new RangeError(`an amount in ${session.currency} has no form in a receipt`)
  return {
    iss: issuer,
    sub: nameOf('session', session.tenant, session.id),
    iat: issuedAt,
    exp: issuedAt + RECEIPT_LIFE_SECONDS,
    amount: Number(amount),
    currency: session.currency.toLowerCase(),
    livemode: isLive(session.tenant),
    state: standingOf(view),
    version: versionOf(view),
  }
}

/** A compact JWS (RFC 7515 §7.1) with EdDSA (RFC 8037 §3.1). */
export function signReceipt(claims: object, seed: Uint8Array): string {
  const key = privateKey(seed)
  const header = { alg: 'EdDSA', kid: keyName(publicKeyOf(seed)), typ: RECEIPT_TYPE }
  const signed = `${encode(header)}.${encode(claims)}`
  return `${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
