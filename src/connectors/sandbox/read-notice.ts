import type { HookDelivery, HookReading } from '../contract.ts'
import { signatureFault } from '../verify-signature.ts'

/** The bank's notice: verified on its bytes, and then read for the few things that are asked of it. */
export function readNotice(
  { body, headers }: HookDelivery,
  merchant: string,
  secrets: readonly string[],
  now: Date,
): HookReading {
  const fault = signatureFault(headers['bank-signature'], body, secrets, now)
  if (fault !== undefined) return { ok: false, because: fault }
  const { id, type, merchant: account, reference } = readFields(body)
  if (!isShort(id, 255) || !isShort(type, 100) || !isShort(account, 255) || !isShort(reference, 255)) {
    return { ok: false, because: 'unreadable' }
  }
  // The bank's word for another merchant is none for this one, whoever signed it.
  if (account !== merchant) return { ok: false, because: 'misdirected' }
  return { ok: true, notice: { account, noticeId: id, type, reference } }
}

function readFields(body: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body))
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}

const isShort = (value: unknown, most: number): value is string =>
  typeof value === 'string' && value.length <= most && /^[\x21-\x7e]+$/.test(value)
