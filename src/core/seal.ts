import { createCipheriv, createDecipheriv } from 'node:crypto'

/** The first byte of everything sealed: which way it was done. 1 is AES-256-GCM with a 96-bit nonce and a 128-bit tag. */
const VERSION = 1
const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const OVERHEAD = 1 + NONCE_BYTES + TAG_BYTES

/**
 * Seals a small secret (NIST SP 800-38D): version ‖ nonce ‖ ciphertext ‖ tag.
 * @param nonce 12 random bytes, never used twice under one key; after 2^32 messages a key is used up (§8.3 there)
 * @param aad what the secret belongs to. Sealed bytes moved to another owner's row do not open
 * @throws RangeError when key or nonce have the wrong length
 */
export function seal(key: Uint8Array, nonce: Uint8Array, plaintext: Uint8Array, aad: Uint8Array): Uint8Array {
  requireKey(key)
  if (nonce.length !== NONCE_BYTES) throw new RangeError(`a nonce has ${NONCE_BYTES} bytes`)
  const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  cipher.setAAD(boundTo(aad))
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Uint8Array.from(Buffer.concat([Uint8Array.of(VERSION), nonce, ciphertext, cipher.getAuthTag()]))
}

/** The secret, or undefined when anything differs from what was sealed: key, owner or any one bit. */
export function open(key: Uint8Array, sealed: Uint8Array, aad: Uint8Array): Uint8Array | undefined {
  requireKey(key)
  if (sealed.length < OVERHEAD || sealed[0] !== VERSION) return undefined
  const nonce = sealed.subarray(1, 1 + NONCE_BYTES)
  const decipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
  decipher.setAAD(boundTo(aad))
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES))
  const opened = decipher.update(sealed.subarray(1 + NONCE_BYTES, -TAG_BYTES))
  try {
    return Uint8Array.from(Buffer.concat([opened, decipher.final()]))
  } catch {
    return undefined // the tag does not fit: node offers no other way to ask
  }
}

/** The version is bound as well, so that no later way of sealing can be passed off as this one. */
function boundTo(aad: Uint8Array): Uint8Array {
  return Buffer.concat([Uint8Array.of(VERSION), aad])
}

function requireKey(key: Uint8Array): void {
  if (key.length !== KEY_BYTES) throw new RangeError(`a key has ${KEY_BYTES} bytes`)
}
