import type { Sql } from '../../src/storage/connect.ts'
import type { JsonRow } from '../../src/storage/shape.ts'
import { readSnapshot, TABLES } from '../schema.ts'
import type { Tables } from '../tables.ts'
import { spell } from '../trace.ts'

/** All that is stored, one line a row, spelled alike for either storage. */
export type Rows = readonly string[]

const SCHEMA = readSnapshot()

export async function readRows(sql: Sql): Promise<Rows> {
  const each = TABLES.map((table) => `'${table}', (select coalesce(jsonb_agg(to_jsonb(t)), '[]') from ${table} t)`)
  const [row] = await sql.unsafe<{ all: Readonly<Record<string, readonly JsonRow[]>> }[]>(
    `select jsonb_build_object(${each.join(', ')}) as all`,
  )
  return TABLES.flatMap((table) => (row?.all[table] ?? []).map((one) => spellRow(table, one))).sort()
}

export const rowsIn = (tables: Tables): Rows =>
  TABLES.flatMap((table) => [...tables.all(table)].map((row) => spellRow(table, row))).sort()

function spellRow(table: string, row: JsonRow): string {
  const columns = SCHEMA[table]?.columns ?? []
  return `${table} ${columns.map(({ name, type }) => `${name}=${spellValue(type, row[name])}`).join(' ')}`
}

function spellValue(type: string, value: unknown): string {
  if (value === null || value === undefined) return 'null'
  if (type === 'timestamp with time zone') return new Date(String(value)).toISOString()
  if (type === 'bytea') return String(value).replace(/^\\x/, '')
  return type === 'jsonb' ? spell(value) : String(value)
}

/** Rows that only one of two states has. */
export function difference(here: Rows, there: Rows): { readonly here: Rows; readonly there: Rows } {
  return { here: here.filter((row) => !there.includes(row)), there: there.filter((row) => !here.includes(row)) }
}

/** Statements that leave no row, those that others refer to last. */
export function emptying(): string {
  const order: string[] = []
  const visit = (table: string): void => {
    if (order.includes(table)) return
    for (const other of TABLES) {
      if (other !== table && SCHEMA[other]?.references.some((one) => one.table === table)) visit(other)
    }
    order.push(table)
  }
  for (const table of TABLES) visit(table)
  return order.map((table) => `delete from ${table}`).join('; ')
}
