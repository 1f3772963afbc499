import { createHmac, timingSafeEqual } from 'node:crypto'

/** How far a provider's clock, or the way here, may be off: what is older may have been caught and sent again. */
const TOLERANCE_SECONDS = 300
const MOST_SIGNATURES = 5
const HEADER = /^t=(\d{1,11})((?:,v1=[0-9a-f]{64})+)$/

/**
 * Judges `t=<Unix seconds>,v1=<hex>`, the HMAC-SHA-256 of `<t>.<body>`, over the bytes as they came. The comparison takes
 * as long for a wrong signature as for the right one. A header may bear several while a secret is being replaced.
 * @returns undefined when it is right
 */
export function signatureFault(
  header: string | undefined,
  body: Uint8Array,
  secrets: readonly string[],
  now: Date,
): 'unsigned' | 'wrong_signature' | 'wrong_time' | undefined {
  if (header === undefined) return 'unsigned'
  const [, seconds = '', signatures = ''] = (header.length <= 1_000 && HEADER.exec(header)) || []
  const claimed = signatures.split(',v1=').slice(1)
  if (claimed.length === 0 || claimed.length > MOST_SIGNATURES) return 'unsigned'
  const expected = secrets.map((secret) => createHmac('sha256', secret).update(`${seconds}.`).update(body).digest())
  const right = claimed.some((one) => expected.some((digest) => timingSafeEqual(digest, Buffer.from(one, 'hex'))))
  if (!right) return 'wrong_signature'
  return Math.abs(now.getTime() / 1000 - Number(seconds)) <= TOLERANCE_SECONDS ? undefined : 'wrong_time'
}
