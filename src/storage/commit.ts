import { AsyncLocalStorage } from 'node:async_hooks'
import type { Account, ApiKey } from '../core/account.ts'
import type { Customer, Price, Product } from '../core/catalog.ts'
import type { Charge } from '../core/charge.ts'
import type { Dispute } from '../core/dispute.ts'
import type { EventFact, WebhookEndpoint } from '../core/event.ts'
import type { DecidedKey, IdempotencyRow } from '../core/idempotency.ts'
import type { Operation } from '../core/operation.ts'
import type { Payment } from '../core/payment.ts'
import type { PaymentMethod } from '../core/payment-method.ts'
import type { Posting } from '../core/posting.ts'
import type { ReceiptKey } from '../core/receipt.ts'
import type { Refund } from '../core/refund.ts'
import type { Session } from '../core/session.ts'
import type { Sql, TransactionSql } from './connect.ts'
import { columnsOf, encodeRow, type JsonRow, type Shape } from './shape.ts'
import {
  ACCOUNTS,
  API_KEYS,
  CHARGES,
  CUSTOMERS,
  DISPUTES,
  ENDPOINTS,
  EVENTS,
  IDEMPOTENCY,
  METHODS,
  OPERATIONS,
  PAYMENTS,
  POSTINGS,
  PRICES,
  PRODUCTS,
  RECEIPT_KEYS,
  REFUNDS,
  SESSIONS,
} from './shapes.ts'
import { encodeEvent, encodeIdempotency, encodeSnapshot } from './snapshots.ts'

type Versioned = {
  readonly accounts: Account
  readonly apiKeys: ApiKey
  readonly customers: Customer
  readonly products: Product
  readonly prices: Price
  readonly methods: PaymentMethod
  readonly sessions: Session
  readonly payments: Payment
  readonly charges: Charge
  readonly operations: Operation
  readonly refunds: Refund
  readonly disputes: Dispute
  readonly endpoints: WebhookEndpoint
  readonly receiptKeys: ReceiptKey
}
const VERSIONED: { readonly [name in keyof Versioned]: Shape<Versioned[name]> } = {
  accounts: ACCOUNTS,
  apiKeys: API_KEYS,
  customers: CUSTOMERS,
  products: PRODUCTS,
  prices: PRICES,
  methods: METHODS,
  sessions: SESSIONS,
  payments: PAYMENTS,
  charges: CHARGES,
  operations: OPERATIONS,
  refunds: REFUNDS,
  disputes: DISPUTES,
  endpoints: ENDPOINTS,
  receiptKeys: RECEIPT_KEYS,
}

/**
 * Everything one decision changes, committed together or not at all. A row of version 1 is new; a row of version n
 * replaces version n - 1 and loses if that is no longer what is stored.
 */
export type WriteSet = {
  readonly [name in keyof Versioned]?: readonly Versioned[name][]
} & {
  readonly postings?: readonly Posting[]
  readonly events?: readonly EventFact[]
  readonly idempotency?: IdempotencyRow
  /** Keys whose orders have an outcome now. The first outcome stays. */
  readonly decided?: readonly DecidedKey[]
}

export type Committed =
  | { readonly ok: true }
  /** Somebody else changed a row first: load again and decide again. */
  | { readonly ok: false; readonly conflict: 'stale' }
  /** The idempotency key exists: answer with what it stands for. */
  | { readonly ok: false; readonly conflict: 'key_used' }
  /** A constraint says no, by name: a rule about money or a name that is taken. */
  | { readonly ok: false; readonly conflict: 'constraint'; readonly constraint: string }

class Lost extends Error {
  readonly conflict: 'stale' | 'key_used'
  constructor(conflict: 'stale' | 'key_used') {
    super(conflict)
    this.conflict = conflict
  }
}

const open = new AsyncLocalStorage<true>()
/** True inside a transaction, where no network call may happen: the outgoing client asks this. */
export const inTransaction = (): boolean => open.getStore() === true

/** One short transaction; its statements are sent without waiting for one another. */
export async function commitSet(sql: Sql, set: WriteSet): Promise<Committed> {
  try {
    await sql.begin((tx) => open.run(true, () => writeAll(tx, set)))
    return { ok: true }
  } catch (error) {
    if (error instanceof Lost) return { ok: false, conflict: error.conflict }
    const constraint = violatedConstraint(error)
    if (constraint !== undefined) return { ok: false, conflict: 'constraint', constraint }
    throw error
  }
}

async function writeAll(tx: TransactionSql, set: WriteSet): Promise<void> {
  const done: Promise<void>[] = []
  if (set.idempotency) done.push(claimKey(tx, set.idempotency))
  for (const name of Object.keys(VERSIONED) as (keyof Versioned)[]) {
    const shape = VERSIONED[name] as Shape<{ version: number }>
    for (const record of set[name] ?? []) {
      const row = encodeRow(shape, record as { version: number })
      done.push(
        record.version === 1 ? execute(insertion(tx, shape, [row])) : replaceRow(tx, shape, row, record.version),
      )
    }
  }
  if (set.postings?.length) {
    const rows = set.postings.map((posting) => encodeRow(POSTINGS, posting))
    done.push(execute(insertion(tx, POSTINGS, rows)))
  }
  if (set.events?.length) done.push(insertEvents(tx, set.events))
  for (const key of set.decided ?? []) done.push(decideKey(tx, key))
  // Every statement is awaited even when one fails, so that none is left without a listener; the first failure wins.
  const failed = (await Promise.allSettled(done)).find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

const execute = async (query: PromiseLike<unknown>): Promise<void> => {
  await query
}

function insertion<T extends object>(tx: TransactionSql, shape: Shape<T>, rows: readonly JsonRow[]) {
  const columns = tx.unsafe(columnsOf(shape).join(', '))
  return tx`
    insert into ${tx(shape.table)} (${columns})
    select ${columns} from jsonb_populate_recordset(null::${tx(shape.table)}, ${JSON.stringify(rows)}::text::jsonb)`
}

/** An event and its place in the sequencer's queue. */
async function insertEvents(tx: TransactionSql, events: readonly EventFact[]): Promise<void> {
  await tx`
    with told as (${insertion(tx, EVENTS, events.map(encodeEvent))} returning tenant, id)
    insert into event_queue (tenant, event_id) select tenant, id from told`
}

async function replaceRow(tx: TransactionSql, shape: Shape<{ version: number }>, row: JsonRow, version: number) {
  const key = shape.table === 'accounts' ? ['tenant'] : ['tenant', 'id']
  const changed = tx.unsafe(
    columnsOf(shape)
      .filter((column) => !key.includes(column))
      .join(', '),
  )
  const result = await tx`
    update ${tx(shape.table)} t
    set (${changed}) = (
      select ${changed} from jsonb_populate_record(null::${tx(shape.table)}, ${JSON.stringify(row)}::text::jsonb)
    )
    where t.tenant = ${Number(row.tenant)} and t.id = ${String(row.id)} and t.version = ${version - 1}`
  if (result.count !== 1) throw new Lost('stale')
}

async function claimKey(tx: TransactionSql, row: IdempotencyRow): Promise<void> {
  const result = await tx`${insertion(tx, IDEMPOTENCY, [encodeIdempotency(row)])} on conflict do nothing`
  if (result.count !== 1) throw new Lost('key_used')
}

/** A key that is forgotten or decided already is left as it is. */
async function decideKey(tx: TransactionSql, { tenant, door, key, answer, refusal, leasedUntil }: DecidedKey) {
  const json = (value: unknown) => (value === null ? null : JSON.stringify(value))
  await tx`
    update idempotency
    set answer = ${json(answer && encodeSnapshot(answer))}::text::jsonb, refusal = ${json(refusal)}::text::jsonb,
      leased_until = ${leasedUntil}
    where tenant = ${tenant} and door = ${door} and key = ${key}
      and event_id is null and answer is null and refusal is null`
}

/** Classes 22 and 23 of SQLSTATE, data exception and integrity constraint violation: the rows are at fault. */
export function isDataError(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^2[23]/.test(code)
}

/** Class 23 of SQLSTATE: integrity constraint violation. */
function violatedConstraint(error: unknown): string | undefined {
  const { code, constraint_name: name } = error as { code?: unknown; constraint_name?: unknown }
  return typeof code === 'string' && code.startsWith('23') ? String(name ?? code) : undefined
}
