import type { Decline } from '../../core/charge.ts'
import type { ObservedDispute } from '../../core/dispute.ts'
import { DISPUTE_MACHINE } from '../../core/dispute-machine.ts'
import type { HttpResponse } from '../../core/env.ts'
import { statesOf } from '../../core/machine.ts'
import type { Observation, ObservedRefund, Seen } from '../../core/observation.ts'
import { containsPan } from '../../core/pan-in-text.ts'
import type { OrderName, OrderOutcome } from '../contract.ts'
import { EXPECTED_ERRORS } from './expected-error.ts'
import { readAction, readAuthentication } from './three-d-secure.ts'

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
  authentication_required: 'authentication_required',
  authentication_failed: 'authentication_failed',
  authentication_unavailable: 'issuer_unavailable',
  ...EXPECTED_ERRORS,
}

/** What the bank's answer to an authorization shows. Total: what cannot be read is `lost`. */
export function readOutcome(response: HttpResponse, order: OrderName): Seen {
  const body = readJson(response.body)
  if (response.status === 201) return readBooked(body, order)
  if (refusalOf(response.status, body, REFUSED_SENDER) !== undefined) return SENDER_REFUSED
  return refusalOf(response.status, body, REFUSED_UNBOOKED) === undefined ? 'lost' : 'absent'
}

type Refusals = Readonly<Record<number, readonly string[]>>

/** The bank's refusals of an order that it cannot read or cannot take at the moment, before it books anything. */
const REFUSED_UNBOOKED: Refusals = {
  400: ['invalid_request'],
  413: ['body_too_large'],
  415: ['unsupported_media_type'],
  503: ['out_of_service'],
}

/** Whose key is refused has booked nothing, and no card and no second try will change that. */
const REFUSED_SENDER: Refusals = { 401: ['unauthorized'] }
const SENDER_REFUSED: Seen = {
  state: 'declined',
  providerId: null,
  authorized: 0n,
  captured: 0n,
  refunds: [],
  decline: { code: 'credentials_refused', raw: 'unauthorized' },
}

/** Its refusals of an order about money that it holds: nothing was moved, and repeating the order will not change it. */
const REFUSED_BY_MONEY: Refusals = {
  400: ['invalid_request'],
  404: ['not_found'],
  409: ['wrong_state', 'amount_out_of_range'],
}

/** How an order went by its own answer alone. Whatever else is said leaves open whether money was moved. */
export function readSent(response: HttpResponse): Pick<OrderOutcome, 'sent' | 'refusal'> {
  if (response.status === 201 || response.status === 200) return { sent: 'accepted' }
  const refusal = refusalOf(response.status, readJson(response.body), REFUSED_BY_MONEY)
  return refusal === undefined ? { sent: 'lost' } : { sent: 'refused', refusal }
}

function refusalOf(status: number, body: Body, known: Refusals): string | undefined {
  const code = isRecord(body.error) ? body.error.code : undefined
  return typeof code === 'string' && known[status]?.includes(code) ? code : undefined
}

/** What a query's answer shows. Only the bank's own "not found" speaks of absence; no refusal does. */
export function readQuery(response: HttpResponse, order: OrderName): Seen {
  const body = readJson(response.body)
  if (response.status !== 200) return 'lost'
  if (body.found === false) return 'absent'
  return body.found === true && isRecord(body.authorization) ? readBooked(body.authorization, order) : 'lost'
}

/** Whether the bank shows only the first of an authorization's refunds. */
export function hasMoreRefunds(response: HttpResponse): boolean {
  const { authorization } = readJson(response.body)
  return isRecord(authorization) && authorization.more_refunds !== false
}

/** What the answer to going on shows: how the authorization stands now. */
export function readContinued(response: HttpResponse, order: OrderName): Seen {
  return response.status === 200 ? readBooked(readJson(response.body), order) : 'lost'
}

export type OperationsPage = { readonly refunds: readonly ObservedRefund[]; readonly next: string | null }

/** One page of a charge's operations: its refunds. Undefined where any of it cannot be read: half a list is none. */
export function readOperations(response: HttpResponse, order: OrderName): OperationsPage | undefined {
  const { operations, next_cursor: next } = readJson(response.body)
  if (response.status !== 200 || !Array.isArray(operations)) return undefined
  if (next !== null && !isId(next)) return undefined
  const refunds = readRefunds(
    operations.filter((one) => !isRecord(one) || one.object === 'refund'),
    order,
  )
  return refunds && { refunds, next }
}

/** All of them or none: a list that is read in part would make a refund look unsent. */
function readRefunds(listed: unknown, order: OrderName): readonly ObservedRefund[] | undefined {
  if (!Array.isArray(listed)) return undefined
  const refunds = listed.map((one) => readRefund(one, order))
  return refunds.every((one) => one !== undefined) ? refunds : undefined
}

const REFUND_STATUSES = ['pending', 'succeeded', 'failed', 'canceled'] as const

function readRefund(operation: unknown, order: OrderName): ObservedRefund | undefined {
  if (!isRecord(operation)) return undefined
  const { id, reference, currency } = operation
  const amount = readAmount(operation.amount)
  const status = REFUND_STATUSES.find((one) => one === operation.status)
  if (!isId(id) || currency !== order.currency || amount === undefined || amount === 0n || !status) return undefined
  const reason = short(operation.failure_reason)
  return {
    reference: typeof reference === 'string' ? reference : null,
    providerId: id,
    amount,
    status,
    ...(reason === undefined ? {} : { failureReason: reason }),
  }
}

const isId = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]{1,255}$/.test(value)

const isCurrency = (value: unknown): value is string => typeof value === 'string' && /^[A-Z]{3}$/.test(value)

/** The bank's words for how an authorization stands, and ours. */
const STATES: { readonly [status: string]: Observation['state'] } = {
  requires_action: 'requires_action',
  authorized: 'authorized',
  captured: 'captured',
  voided: 'voided',
  expired: 'expired',
  declined: 'declined',
}

function readBooked(booked: Body, order: OrderName): Seen {
  const { id, status, decline, network } = booked
  const state = typeof status === 'string' && Object.hasOwn(STATES, status) ? STATES[status] : undefined
  if (!isId(id) || state === undefined) return 'lost'
  if (booked.reference !== order.reference || !isCurrency(booked.currency)) return 'lost' // not ours
  const { currency } = booked
  // Ours, in money that we did not order: told as it is, since core alone may say what follows from it.
  const foreign = currency === order.currency ? {} : { currency }
  const authentication = readAuthentication(booked.three_d_secure)
  const authenticated = authentication === undefined ? {} : { authentication }
  if (state === 'requires_action') {
    const action = readAction(booked.action)
    if (!action || booked.captured_amount !== 0) return 'lost'
    return { state, providerId: id, authorized: 0n, captured: 0n, refunds: [], action, ...foreign }
  }
  if (state === 'declined') {
    // A decline says why, and has taken nothing: an answer that only bears the word is none.
    if (!isRecord(decline) || (booked.captured_amount !== undefined && booked.captured_amount !== 0)) return 'lost'
    return {
      state,
      providerId: id,
      authorized: 0n,
      captured: 0n,
      refunds: [],
      decline: readDecline(decline),
      ...foreign,
      ...authenticated,
    }
  }
  const amount = readAmount(booked.amount)
  const captured = readAmount(booked.captured_amount)
  const refunded = readAmount(booked.refunded_amount)
  // What was given up before its cardholder confirmed it was never held.
  const released = readAmount(booked.released_amount ?? booked.amount)
  if (amount === undefined || captured === undefined || refunded === undefined || released === undefined) return 'lost'
  const refunds = readRefunds(booked.refunds ?? [], { ...order, currency })
  const disputes = readDisputes(booked.disputes ?? [], { ...order, currency })
  if (!refunds || !disputes) return 'lost'
  const contradictsItself =
    (state === 'captured') !== captured > 0n || captured > amount || refunded > captured || isRecord(decline)
  if (contradictsItself || (booked.more_refunds === false && refundedBy(refunds) !== refunded)) return 'lost'
  const facts = isRecord(network) ? network : {}
  return {
    state,
    providerId: id,
    authorized: state === 'voided' || state === 'expired' ? captured + released : amount,
    captured,
    refunds,
    ...foreign,
    ...heldUntil(state, booked.expires),
    ...authenticated,
    ...(disputes.length === 0 ? {} : { disputes }),
    checks: { ...named('cvc', facts.cvc_check), ...named('postalCode', facts.postal_check) },
    network: {
      ...named('authorizationCode', facts.authorization_code),
      ...named('transactionId', facts.transaction_id),
    },
  }
}

/** All of them or none: they move money. */
function readDisputes(listed: unknown, order: OrderName): readonly ObservedDispute[] | undefined {
  if (!Array.isArray(listed)) return undefined
  const disputes = listed.map((one) => readDispute(one, order))
  return disputes.every((one) => one !== undefined) ? disputes : undefined
}

function readDispute(dispute: unknown, order: OrderName): ObservedDispute | undefined {
  if (!isRecord(dispute)) return undefined
  const { id, status, currency, submissions } = dispute
  const amount = readAmount(dispute.amount)
  const state = DISPUTE_STATES.find((one) => one === status)
  if (!isId(id) || currency !== order.currency || amount === undefined || amount === 0n || !state) return undefined
  const [reason, code] = [short(dispute.reason), short(dispute.network_reason_code)]
  const by = typeof dispute.respond_by === 'string' ? new Date(dispute.respond_by) : undefined
  return {
    providerId: id,
    state,
    amount,
    reason: reason ?? 'general',
    ...(code === undefined ? {} : { networkReasonCode: code }),
    ...(by && !Number.isNaN(by.getTime()) ? { respondBy: by } : {}),
    ...(Number.isSafeInteger(submissions) ? { submissions: Number(submissions) } : {}),
  }
}

const DISPUTE_STATES = statesOf(DISPUTE_MACHINE)

/** A time that cannot be read is as good as none. */
function heldUntil(state: Observation['state'], expires: unknown): Pick<Observation, 'heldUntil'> {
  const at = state === 'authorized' && typeof expires === 'string' ? new Date(expires) : undefined
  return at && !Number.isNaN(at.getTime()) ? { heldUntil: at } : {}
}

const refundedBy = (refunds: readonly ObservedRefund[]): bigint =>
  refunds.reduce((sum, { status, amount }) => (status === 'succeeded' ? sum + amount : sum), 0n)

function readDecline(decline: unknown): Decline {
  const { code, network_code: networkCode } = isRecord(decline) ? decline : {}
  const raw = short(code)
  const network = short(networkCode)
  return {
    code: (raw !== undefined && Object.hasOwn(DECLINES, raw) && DECLINES[raw]) || 'generic_decline',
    ...(raw === undefined ? {} : { raw }),
    ...(network === undefined ? {} : { networkCode: network }),
  }
}

type Body = Readonly<Record<string, unknown>>

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
