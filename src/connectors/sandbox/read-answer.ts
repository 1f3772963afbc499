import type { HttpResponse } from '../../core/env.ts'
import type { Evidence } from '../contract.ts'

/** The bank's decline codes in our words; a code that is not here becomes `generic_decline`. */
const DECLINES: Readonly<Record<string, string>> = {
  generic_decline: 'generic_decline',
  insufficient_funds: 'insufficient_funds',
  lost_card: 'lost_card',
  stolen_card: 'stolen_card',
  expired_card: 'expired_card',
  incorrect_cvc: 'incorrect_cvc',
  incorrect_number: 'incorrect_number',
  invalid_card_details: 'incorrect_number',
  processing_error: 'processing_error',
  card_velocity_exceeded: 'velocity_exceeded',
  testmode_decline: 'live_card_in_test',
}

/** What the bank's answer to an authorization or to a query is evidence of. Total: what cannot be read is `lost`. */
export function readAuthorization(response: HttpResponse): Evidence {
  const body = readJson(response.body)
  if (response.status === 200 || response.status === 201) {
    if (body.found === false) return { is: 'absent' }
    return readBooked(isRecord(body.authorization) ? body.authorization : body)
  }
  // The bank refuses an order that is malformed or not ours before it books anything.
  return REFUSED.includes(response.status) && isRecord(body.error) ? { is: 'absent' } : { is: 'lost' }
}

const REFUSED = [400, 401, 403, 404, 413, 415]

function readBooked(booked: Readonly<Record<string, unknown>>): Evidence {
  const { id, status, decline, network } = booked
  if (typeof id !== 'string' || id.length > 255) return { is: 'lost' }
  if (status === 'declined') return readDecline(id, decline)
  if (status === 'voided') return { is: 'voided', providerId: id }
  const amount = readAmount(booked.amount)
  const captured = readAmount(booked.captured_amount)
  const refunded = readAmount(booked.refunded_amount)
  if (amount === undefined || captured === undefined || refunded === undefined) return { is: 'lost' }
  if (status !== 'authorized' && status !== 'captured') return { is: 'lost' }
  if ((status === 'captured') !== captured > 0n) return { is: 'lost' } // it contradicts itself
  const facts = isRecord(network) ? network : {}
  return {
    is: status,
    providerId: id,
    authorized: amount,
    captured,
    refunded,
    checks: { ...named('cvc', facts.cvc_check), ...named('postalCode', facts.postal_check) },
    network: {
      ...named('authorizationCode', facts.authorization_code),
      ...named('transactionId', facts.transaction_id),
    },
  }
}

function readDecline(providerId: string, decline: unknown): Evidence {
  const { code, network_code: networkCode } = isRecord(decline) ? decline : {}
  const raw = short(code)
  return {
    is: 'declined',
    providerId,
    code: (raw !== undefined && Object.hasOwn(DECLINES, raw) && DECLINES[raw]) || 'generic_decline',
    ...(raw === undefined ? {} : { raw }),
    ...(short(networkCode) === undefined ? {} : { networkCode: String(networkCode) }),
  }
}

function readJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return isRecord(value) ? value : {}
  } catch {
    return {}
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function readAmount(value: unknown): bigint | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined
}

/** A provider's text: bounded, and never used as a URL or as HTML. */
function short(value: unknown): string | undefined {
  return typeof value === 'string' && value.length > 0 && value.length <= 100 ? value : undefined
}

function named<Name extends string>(name: Name, value: unknown): { readonly [name in Name]?: string } {
  const text = short(value)
  return (text === undefined ? {} : { [name]: text }) as { readonly [name in Name]?: string }
}
