import type { Account, ApiKey } from '../src/core/account.ts'
import { accountTenant, liveTenant, type Tenant, testTenant, type Uuid } from '../src/core/ids.ts'
import type { Door } from '../src/core/session.ts'
import type { Committed, WriteSet } from '../src/storage/commit.ts'
import type { NewSession } from '../src/storage/create-sessions.ts'
import { decodeRow, encodeRow, type JsonRow, type Shape } from '../src/storage/shape.ts'
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
  REFUNDS,
  SESSIONS,
} from '../src/storage/shapes.ts'
import {
  decodeEvent,
  decodeIdempotency,
  encodeEvent,
  encodeIdempotency,
  encodeSnapshot,
} from '../src/storage/snapshots.ts'
import type { Storage } from '../src/storage/storage.ts'
import { deliveryCommands } from './memory-delivery.ts'
import { noticeCommands } from './memory-notices.ts'
import { makeTables, type RowChange, RuleBroken, type Tables } from './tables.ts'

export type MemoryStorage = {
  readonly storage: Storage
  readonly tables: Tables
}

/** In the order in which a commit writes them. */
const VERSIONED = {
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
} as const

class Lost extends Error {
  readonly conflict: 'stale' | 'key_used'
  constructor(conflict: 'stale' | 'key_used') {
    super(conflict)
    this.conflict = conflict
  }
}

/**
 * Stands in for Postgres: the commands of `Storage` that flows and the delivery worker use, over tables that keep the
 * same rules. Each command happens at one moment, as it does on one connection.
 * @param onCommit hears what a command changed, after it
 */
export function memoryStorage(onCommit: (changes: readonly RowChange[]) => void = () => {}): MemoryStorage {
  const tables = makeTables()
  const write = <T>(work: () => T): T => {
    const { result, changes } = tables.atomically(work)
    if (changes.length > 0) onCommit(changes)
    return result
  }
  const commands: Readonly<Record<string, (...rest: never[]) => unknown>> = {
    ...readCommands(tables),
    ...deliveryCommands(tables, write),
    ...noticeCommands(tables, write),
    commit: (set: WriteSet) => commit(tables, write, set),
    createSession: (unit: NewSession) => createSession(tables, write, unit),
    insertAccount: (account: Account, apiKeys: readonly ApiKey[]) => insertAccount(tables, write, account, apiKeys),
    forgetIdempotency: (tenant: Tenant, before: Date, limit: number) =>
      write(() => {
        const old = rowsOf(tables, 'idempotency', tenant).filter(
          ({ created_at: at }) => String(at) < before.toISOString(),
        )
        for (const row of old.slice(0, limit)) tables.remove('idempotency', row)
        return Math.min(old.length, limit)
      }),
  }
  return { storage: asStorage(commands), tables }
}

/** Answers in promises, as the real one does. A command that nobody has written here is a fault of the simulator. */
function asStorage(commands: Readonly<Record<string, (...rest: never[]) => unknown>>): Storage {
  const bound: Record<string, unknown> = {}
  for (const [name, command] of Object.entries(commands)) {
    bound[name] = async (...rest: never[]) => command(...rest)
  }
  const missing = (name: string) => () => Promise.reject(new Error(`the simulated storage has no command ${name}`))
  return new Proxy(bound, {
    // Whoever awaits an object asks it for `then`.
    get: (target, name) => (name === 'then' ? undefined : (target[String(name)] ?? missing(String(name)))),
  }) as unknown as Storage
}

export type Write = <T>(work: () => T) => T

function commit(tables: Tables, write: Write, set: WriteSet): Committed {
  try {
    write(() => writeAll(tables, set))
    return { ok: true }
  } catch (error) {
    if (error instanceof Lost) return { ok: false, conflict: error.conflict }
    if (error instanceof RuleBroken) return { ok: false, conflict: 'constraint', constraint: error.constraint }
    throw error
  }
}

function writeAll(tables: Tables, set: WriteSet): void {
  if (set.idempotency && !claimKey(tables, encodeIdempotency(set.idempotency))) throw new Lost('key_used')
  for (const name of Object.keys(VERSIONED) as (keyof typeof VERSIONED)[]) {
    const shape = VERSIONED[name] as Shape<{ version: number }>
    for (const record of (set[name] ?? []) as readonly { version: number }[]) {
      const row = stored(encodeRow(shape, record))
      if (record.version === 1) tables.insert(shape.table, row)
      else replace(tables, shape.table, row)
    }
  }
  for (const posting of set.postings ?? []) tables.insert('postings', stored(encodeRow(POSTINGS, posting)))
  if (set.events?.length) insertEvents(tables, set.events.map(encodeEvent))
  for (const { tenant, door, key, answer, refusal, leasedUntil } of set.decided ?? []) {
    const row = tables.get('idempotency', `${tenant}|${door}|${key}`)
    if (!row || row.event_id !== null || row.answer !== null || row.refusal !== null) continue
    const decided = {
      answer: answer && encodeSnapshot(answer),
      refusal,
      leased_until: leasedUntil?.toISOString() ?? null,
    }
    tables.replace('idempotency', stored({ ...row, ...decided }))
  }
}

/** As JSON keeps it: a copy without what is undefined. */
const stored = (row: JsonRow): JsonRow => copied(row) as JsonRow

/** What `JSON.parse(JSON.stringify(value))` gives, several times as fast: every row of every commit passes here. */
function copied(value: unknown): unknown {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null || Number.isFinite(value)) return value
  const isPlain = typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype
  if (!isPlain) return JSON.parse(JSON.stringify(value))
  const copy: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(value)) if (field !== undefined) copy[name] = copied(field)
  return copy
}

function replace(tables: Tables, table: string, row: JsonRow): void {
  const current = tables.get(table, tables.keyOf(table, row))
  if (!current || current.version !== Number(row.version) - 1) throw new Lost('stale')
  tables.replace(table, { ...current, ...row })
}

function insertEvents(tables: Tables, events: readonly JsonRow[]): void {
  for (const event of events) tables.insert('events', stored(event))
  for (const { tenant, id } of events) tables.insert('event_queue', { tenant, event_id: id })
}

/** `on conflict do nothing`. @returns false when the key is taken */
function claimKey(tables: Tables, row: JsonRow): boolean {
  if (tables.clash(IDEMPOTENCY.table, row) !== undefined) return false
  tables.insert(IDEMPOTENCY.table, stored(row))
  return true
}

function createSession(tables: Tables, write: Write, { session, event, idempotency }: NewSession): boolean {
  return write(() => {
    if (idempotency && !claimKey(tables, encodeIdempotency(idempotency))) return false
    tables.insert(SESSIONS.table, stored(encodeRow(SESSIONS, session)))
    insertEvents(tables, [encodeEvent(event)])
    return true
  })
}

function insertAccount(tables: Tables, write: Write, account: Account, apiKeys: readonly ApiKey[]): Committed {
  write(() => {
    const number = account.tenant / 2
    for (const tenant of [liveTenant(number), testTenant(number)]) {
      if (!tables.get('tenants', String(tenant))) tables.insert('tenants', { tenant, last_number: '0' })
    }
  })
  return commit(tables, write, { accounts: [account], apiKeys })
}

export const rowsOf = (tables: Tables, table: string, tenant: Tenant): JsonRow[] =>
  [...tables.all(table)].filter((row) => row.tenant === tenant)

/** Every tenant for which some row of a table is wanted. */
export function tenantsWith(tables: Tables, table: string, wanted: (row: JsonRow) => boolean): Tenant[] {
  const found = new Set<Tenant>()
  for (const row of tables.all(table)) if (wanted(row)) found.add(row.tenant as Tenant)
  return [...found]
}

const isDue = (column: string, now: Date) => {
  const text = now.toISOString()
  return (row: JsonRow): boolean => typeof row[column] === 'string' && row[column] <= text
}

function readCommands(tables: Tables): Readonly<Record<string, (...rest: never[]) => unknown>> {
  const one =
    <T extends object>(shape: Shape<T>) =>
    (tenant: Tenant, id: Uuid): T | undefined => {
      const row = tables.get(shape.table, `${tenant}|${id}`)
      return row && decodeRow(shape, row)
    }
  const many =
    <T extends object>(shape: Shape<T>) =>
    (tenant: Tenant, ids: readonly Uuid[]): readonly T[] =>
      ids.flatMap((id) => one(shape)(tenant, id) ?? [])
  const due =
    <T extends object>(shape: Shape<T>, column: string, wanted: (row: JsonRow) => boolean = () => true) =>
    (tenant: Tenant, now: Date, limit: number): readonly T[] =>
      rowsOf(tables, shape.table, tenant)
        .filter((row) => isDue(column, now)(row) && wanted(row))
        .sort((a, b) => (String(a[column]) < String(b[column]) ? -1 : 1))
        .slice(0, limit)
        .map((row) => decodeRow(shape, row))
  const ofCharge = <T extends object>(shape: Shape<T>, tenant: Tenant, chargeId: Uuid): readonly T[] =>
    rowsOf(tables, shape.table, tenant)
      .filter((row) => row.charge_id === chargeId)
      .sort((a, b) => (String(a.id) < String(b.id) ? -1 : 1))
      .map((row) => decodeRow(shape, row))
  const view = (tenant: Tenant, id: Uuid) => {
    const session = one(SESSIONS)(tenant, id)
    if (!session) return undefined
    const payment = one(PAYMENTS)(tenant, session.paymentId) ?? null
    const charge = (payment?.latestChargeId && one(CHARGES)(tenant, payment.latestChargeId)) || null
    return { session, payment, charge }
  }
  const account = (tenant: Tenant) => {
    const row = tables.get('accounts', String(accountTenant(tenant)))
    return row && decodeRow(ACCOUNTS, row)
  }
  const isOpen = (row: JsonRow) => row.state === 'open'

  return {
    findAccount: account,
    findCustomer: one(CUSTOMERS),
    readPrices: many(PRICES),
    readProducts: many(PRODUCTS),
    listTenants: () => [...tables.all('tenants')].map(({ tenant }) => Number(tenant)).sort((a, b) => a - b),
    findSessionView: view,
    readSessionViews: (tenant: Tenant, ids: readonly Uuid[]) =>
      new Map(ids.flatMap((id) => (view(tenant, id) ? [[id, view(tenant, id)] as const] : []))),
    findVisit: (tenant: Tenant, id: Uuid) => {
      const [seen, owner] = [view(tenant, id), account(tenant)]
      return seen && owner && { ...seen, account: owner }
    },
    dueSessions: due(SESSIONS, 'expires_at', isOpen),
    tenantsWithDueSessions: (now: Date) =>
      tenantsWith(tables, 'sessions', (row) => isOpen(row) && isDue('expires_at', now)(row)),
    findPayment: one(PAYMENTS),
    findCharge: one(CHARGES),
    findOperation: one(OPERATIONS),
    findRefund: one(REFUNDS),
    findDispute: one(DISPUTES),
    findMethod: one(METHODS),
    readMethods: many(METHODS),
    findEndpoint: one(ENDPOINTS),
    refundsOf: (tenant: Tenant, chargeId: Uuid) => ofCharge(REFUNDS, tenant, chargeId),
    disputesOf: (tenant: Tenant, chargeId: Uuid) => ofCharge(DISPUTES, tenant, chargeId),
    dueOperations: due(OPERATIONS, 'ask_at'),
    tenantsWithOldKeys: (before: Date) =>
      tenantsWith(tables, 'idempotency', (row) => String(row.created_at) < before.toISOString()),
    tenantsWithDueOperations: (now: Date) => tenantsWith(tables, 'operations', isDue('ask_at', now)),
    dueCharges: due(CHARGES, 'look_at'),
    tenantsWithDueCharges: (now: Date) => tenantsWith(tables, 'charges', isDue('look_at', now)),
    findAttempt: (tenant: Tenant, chargeId: Uuid) => {
      const charge = one(CHARGES)(tenant, chargeId)
      const payment = charge && one(PAYMENTS)(tenant, charge.paymentId)
      if (!charge || !payment) return undefined
      const operations = ofCharge(OPERATIONS, tenant, chargeId)
      const operation = operations.find(({ kind }) => kind === 'authorize')
      if (!operation) throw new Error('a charge without its order')
      return {
        session: (payment.sessionId && one(SESSIONS)(tenant, payment.sessionId)) || null,
        payment,
        charge,
        operation,
        orders: operations.filter(({ kind }) => kind !== 'authorize'),
        refunds: ofCharge(REFUNDS, tenant, chargeId),
        disputes: ofCharge(DISPUTES, tenant, chargeId),
      }
    },
    findIdempotency: (tenant: Tenant, door: Door, key: string) => {
      const row = tables.get('idempotency', `${tenant}|${door}|${key}`)
      return row && decodeIdempotency(row)
    },
    findEvent: (tenant: Tenant, id: Uuid) => {
      const row = tables.get(EVENTS.table, `${tenant}|${id}`)
      if (!row) return undefined
      const logged = rowsOf(tables, 'event_log', tenant).find(({ event_id: told }) => told === id)
      const waiting = rowsOf(tables, 'deliveries', tenant).filter(
        (one) => one.event_id === id && one.state === 'pending',
      )
      const number = logged ? BigInt(String(logged.number)) : null
      return { event: decodeEvent(row), number, pending: waiting.length }
    },
  }
}
