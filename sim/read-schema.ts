/**
 * Writes `sim/schema.snapshot.json` from a freshly migrated database: `node sim/read-schema.ts`. A test compares the two,
 * so the stand-in cannot fall behind.
 */
import { writeFileSync } from 'node:fs'
import type { Sql } from '../src/storage/connect.ts'
import { testDatabase } from '../test/support/database.ts'
import { type Schema, SNAPSHOT, TABLES, type TableSchema } from './schema.ts'

/** The tables that the simulated flows use. */
export async function readSchema(sql: Sql): Promise<Schema> {
  const schema: Record<string, TableSchema> = {}
  for (const table of TABLES) schema[table] = await readTable(sql, table)
  return schema
}

async function readTable(sql: Sql, table: string): Promise<TableSchema> {
  const columns = await sql<TableSchema['columns'][number][]>`
    select a.attname as name, format_type(a.atttypid, null) as type, a.attnotnull as required,
      pg_get_expr(d.adbin, d.adrelid) as preset
    from pg_attribute a
    left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
    where a.attrelid = ${table}::regclass and a.attnum > 0 and not a.attisdropped
    order by a.attnum`
  const checks = await sql<TableSchema['checks'][number][]>`
    select conname as name, pg_get_expr(conbin, conrelid) as condition
    from pg_constraint where conrelid = ${table}::regclass and contype = 'c'
    order by conname collate "C"`
  const uniques = await sql<TableSchema['uniques'][number][]>`
    select c.relname as name, pg_get_expr(i.indpred, i.indrelid) as where,
      array(select attname::text from unnest(i.indkey) with ordinality as k(number, place)
        join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.number order by place) as columns
    from pg_index i join pg_class c on c.oid = i.indexrelid
    where i.indrelid = ${table}::regclass and i.indisunique
    order by i.indexrelid`
  const references = await sql<TableSchema['references'][number][]>`
    select conname as name, confrelid::regclass::text as table,
      array(select attname::text from unnest(conkey) with ordinality as k(number, place)
        join pg_attribute a on a.attrelid = conrelid and a.attnum = k.number order by place) as columns,
      array(select attname::text from unnest(confkey) with ordinality as k(number, place)
        join pg_attribute a on a.attrelid = confrelid and a.attnum = k.number order by place) as to
    from pg_constraint where conrelid = ${table}::regclass and contype = 'f'
    order by oid`
  return {
    columns: columns.map((column) => ({ ...column })),
    checks: checks.map((check) => ({ ...check })),
    uniques: uniques.map(({ name, columns: on, where }) => ({ name, columns: on, where })),
    references: references.map(({ name, columns: from, table: other, to }) => ({
      name,
      columns: from,
      table: other,
      to,
    })),
  }
}

if (import.meta.main) {
  const db = await testDatabase(import.meta.url)
  try {
    writeFileSync(SNAPSHOT, `${JSON.stringify(await readSchema(db.sql), null, 2)}\n`)
  } finally {
    await db.drop()
  }
}
