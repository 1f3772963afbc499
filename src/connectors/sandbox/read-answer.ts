import type { HttpResponse } from '../../core/env.ts'
import { containsPan } from '../../core/pan-in-text.ts'
import type { Evidence, OrderName } from '../contract.ts'

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

/** What the bank's answer to an authorization is evidence of. Total: what cannot be read is `lost`. */
export function readOutcome(response: HttpResponse, order: OrderName): Evidence {
  const body = readJson(response.body)
  if (response.status === 201) return readBooked(body, order)
  const code = isRecord(body.error) ? body.error.code : undefined
  return REFUSED_UNBOOKED[response.status] === code && code !== undefined ? { is: 'absent' } : { is: 'lost' }
}

/** The bank's refusals of an order that it cannot read or whose sender it does not know, before it books anything. */
const REFUSED_UNBOOKED: Readonly<Record<number, string>> = {
  400: 'invalid_request',
  401: 'unauthorized',
  413: 'body_too_large',
  415: 'unsupported_media_type',
}

/** What a query's answer is evidence of. Only the bank's own "not found" speaks of absence; no refusal does. */
export function readQuery(response: HttpResponse, order: OrderName): Evidence {
  const body = readJson(response.body)
  if (response.status !== 200) return { is: 'lost' }
  if (body.found === false) return { is: 'absent' }
  return body.found === true && isRecord(body.authorization) ? readBooked(body.authorization, order) : { is: 'lost' }
}

function readBooked(booked: Readonly<Record<string, unknown>>, order: OrderName): Evidence {
  const { id, status, decline, network } = booked
  if (typeof id !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(id)) return { is: 'lost' }
  if (booked.reference !== order.reference || booked.currency !== order.currency) return { is: 'lost' } // not ours
  if (status === 'declined') return readDecline(id, decline)
  if (status === 'voided') return { is: 'voided', providerId: id }
  const amount = readAmount(booked.amount)
  const captured = readAmount(booked.captured_amount)
  const refunded = readAmount(booked.refunded_amount)
  if (amount === undefined || captured === undefined || refunded === undefined) return { is: 'lost' }
  if (status !== 'authorized' && status !== 'captured') return { is: 'lost' }
  const contradictsItself = (status === 'captured') !== captured > 0n || captured > amount || refunded > captured
  if (contradictsItself) return { is: 'lost' }
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
  const network = short(networkCode)
  return {
    is: 'declined',
    providerId,
    code: (raw !== undefined && Object.hasOwn(DECLINES, raw) && DECLINES[raw]) || 'generic_decline',
    ...(raw === undefined ? {} : { raw }),
    ...(network === undefined ? {} : { networkCode: network }),
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

/** A provider's text: bounded, fit for the database, never a card number sent back, never used as a URL or as HTML. */
function short(value: unknown): string | undefined {
  const fits = typeof value === 'string' && /^[\x20-\x7e]{1,100}$/.test(value) && !containsPan(value)
  return fits ? value : undefined
}

function named<Name extends string>(name: Name, value: unknown): { readonly [name in Name]?: string } {
  const text = short(value)
  return (text === undefined ? {} : { [name]: text }) as { readonly [name in Name]?: string }
}
