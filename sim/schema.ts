import { readFileSync } from 'node:fs'

/** What the database checks by itself, as its catalog says: kept in a file, so that no database is needed to simulate. */
export type TableSchema = {
  readonly columns: readonly {
    readonly name: string
    readonly type: string
    readonly required: boolean
    readonly preset: string | null
  }[]
  /** By name, which is the order in which Postgres judges them. */
  readonly checks: readonly { readonly name: string; readonly condition: string }[]
  /** Oldest first, which is the order in which Postgres tries them. */
  readonly uniques: readonly {
    readonly name: string
    readonly columns: readonly string[]
    readonly where: string | null
  }[]
  readonly references: readonly {
    readonly name: string
    readonly columns: readonly string[]
    readonly table: string
    readonly to: readonly string[]
  }[]
}
export type Schema = Readonly<Record<string, TableSchema>>

/** What the simulated flows read and write. */
export const TABLES = [
  'accounts',
  'api_keys',
  'charges',
  'customers',
  'deliveries',
  'disputes',
  'endpoint_health',
  'event_bodies',
  'event_log',
  'event_queue',
  'events',
  'idempotency',
  'notices',
  'operations',
  'payment_methods',
  'payments',
  'postings',
  'prices',
  'products',
  'refunds',
  'sessions',
  'tenants',
  'webhook_endpoints',
] as const

export const SNAPSHOT = new URL('./schema.snapshot.json', import.meta.url)

export const readSnapshot = (): Schema => JSON.parse(readFileSync(SNAPSHOT, 'utf8')) as Schema
