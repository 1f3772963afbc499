import type { EventFact, Snapshot } from '../core/event.ts'
import type { IdempotencyRow } from '../core/idempotency.ts'
import { decodeField, decodeRow, encodeField, encodeRow, type JsonRow, type Shape } from './shape.ts'
import {
  ACCOUNTS,
  CHARGES,
  CUSTOMERS,
  DISPUTES,
  ENDPOINTS,
  EVENTS,
  IDEMPOTENCY,
  METHODS,
  PAYMENTS,
  PRICES,
  PRODUCTS,
  RECEIPT_KEYS,
  REFUNDS,
  SESSIONS,
} from './shapes.ts'

export function encodeIdempotency(row: IdempotencyRow): JsonRow {
  return encodeRow(IDEMPOTENCY, { ...row, answer: row.answer && encodeSnapshot(row.answer) })
}

export function decodeIdempotency(row: JsonRow): IdempotencyRow {
  const { answer, ...rest } = decodeRow(IDEMPOTENCY, row)
  return { ...rest, answer: answer === null ? null : decodeSnapshot(answer) }
}

/** Every record type that a snapshot may carry, by its field there. */
const SNAPSHOT_PARTS = {
  session: SESSIONS,
  payment: PAYMENTS,
  charge: CHARGES,
  refund: REFUNDS,
  dispute: DISPUTES,
  customer: CUSTOMERS,
  method: METHODS,
  product: PRODUCTS,
  price: PRICES,
  endpoint: ENDPOINTS,
  account: ACCOUNTS,
  receiptKey: RECEIPT_KEYS,
} as const

export function encodeEvent(event: EventFact): JsonRow {
  return encodeRow(EVENTS, { ...event, snapshot: encodeSnapshot(event.snapshot), previous: encodePrevious(event) })
}

export function decodeEvent(row: JsonRow): EventFact {
  const { previous, snapshot, ...rest } = decodeRow(EVENTS, row)
  const fact = { ...rest, snapshot: decodeSnapshot(snapshot) }
  return previous === null ? fact : { ...fact, previous: decodePrevious(fact.snapshot, previous as JsonRow) }
}

/** The replaced fields of the record that the event is about, under their names in the record. */
function encodePrevious({ previous }: EventFact): unknown {
  if (!previous) return null
  return Object.fromEntries(Object.entries(previous).map(([field, value]) => [field, encodeField(value)]))
}

/** Before there were chargebacks the states of inquiries went without `warning_`. */
function renamed(dispute: JsonRow, kind = dispute.kind): JsonRow {
  const state = String(dispute.state)
  return kind !== 'inquiry' || state.startsWith('warning_') ? dispute : { ...dispute, state: `warning_${state}` }
}

function decodePrevious(snapshot: Snapshot, stored: JsonRow): Readonly<Record<string, unknown>> {
  const { is } = snapshot
  const named = is === 'dispute' && typeof stored.state === 'string'
  const previous = named ? renamed(stored, stored.kind ?? snapshot.dispute.kind) : stored
  const { fields } = SNAPSHOT_PARTS[is as keyof typeof SNAPSHOT_PARTS] as Shape<Readonly<Record<string, unknown>>>
  return Object.fromEntries(
    Object.entries(previous).map(([field, value]) => [field, decodeField(fields[field] ?? 'plain', value)]),
  )
}

export function encodeSnapshot(snapshot: Snapshot): unknown {
  const out: Record<string, unknown> = {}
  for (const [part, value] of Object.entries(snapshot)) {
    const shape = SNAPSHOT_PARTS[part as keyof typeof SNAPSHOT_PARTS] as Shape<object> | undefined
    if (shape) out[part] = value === null ? null : encodeRow(shape, value as object)
    else out[part] = typeof value === 'bigint' ? value.toString() : value
  }
  return out
}

export function decodeSnapshot(json: unknown): Snapshot {
  const out: Record<string, unknown> = {}
  for (const [part, value] of Object.entries(json as Readonly<Record<string, JsonRow>>)) {
    const shape = SNAPSHOT_PARTS[part as keyof typeof SNAPSHOT_PARTS] as Shape<object> | undefined
    if (shape) out[part] = value === null ? null : decodeRow(shape, part === 'dispute' ? renamed(value) : value)
    else out[part] = part === 'captured' ? BigInt(String(value)) : value
  }
  return out as Snapshot
}
