import type { JsonRow } from '../src/storage/shape.ts'
import { type Condition, parseCondition, type Value } from './expression.ts'
import { readSnapshot, type TableSchema } from './schema.ts'

/** What Postgres says when a row breaks a rule: SQLSTATE and the rule's name, as the driver passes them on. */
export class RuleBroken extends Error {
  override readonly name = 'RuleBroken'
  readonly code: string
  readonly constraint: string
  constructor(code: string, constraint: string) {
    super(`${code} ${constraint}`)
    this.code = code
    this.constraint = constraint
  }
}

/** One row before and after: null where there was or is none. */
export type RowChange = { readonly table: string; readonly before: JsonRow | null; readonly after: JsonRow | null }

export type Tables = {
  get(table: string, key: string): JsonRow | undefined
  all(table: string): Iterable<JsonRow>
  insert(table: string, row: JsonRow): void
  /** Replaces the row under the same key. */
  replace(table: string, row: JsonRow): void
  remove(table: string, row: JsonRow): void
  keyOf(table: string, row: JsonRow): string
  /** What a unique index would object to: the name of the first one, in their order. */
  clash(table: string, row: JsonRow): string | undefined
  /** Everything or nothing. @returns what changed */
  atomically<T>(work: () => T): { readonly result: T; readonly changes: readonly RowChange[] }
}

type Judged = TableSchema & {
  readonly types: ReadonlyMap<string, string>
  readonly judges: readonly { readonly name: string; readonly holds: Condition }[]
  readonly indexes: readonly Index[]
  readonly rows: Map<string, JsonRow>
}
type Index = {
  readonly name: string
  readonly columns: readonly string[]
  readonly where: Condition | null
  readonly keys: Set<string>
}

const SCHEMA = readSnapshot()
const CONDITIONS = new Map<string, Condition>()

/** Tables that hold to the rules which the database keeps, read from its own catalog. */
export function makeTables(): Tables {
  const tables = new Map(Object.entries(SCHEMA).map(([name, schema]) => [name, prepare(schema)]))
  let undo: (() => void)[] = []
  let changes: RowChange[] = []
  /** References are judged when the statement is over, so they are kept until the whole is. */
  let promised: { readonly table: Judged; readonly row: JsonRow }[] = []

  function tableOf(name: string): Judged {
    const table = tables.get(name)
    if (!table) throw new Error(`the database has no table ${name}`)
    return table
  }

  function put(name: string, row: JsonRow, before: JsonRow | undefined): void {
    const table = tableOf(name)
    judge(table, row)
    if (before) unindex(table, before)
    for (const index of table.indexes) {
      const key = indexKey(table, index, row)
      if (key === undefined || !index.keys.has(key)) continue
      if (before) reindex(table, before)
      throw new RuleBroken('23505', index.name)
    }
    reindex(table, row)
    const key = keyOf(name, row)
    table.rows.set(key, row)
    undo.push(() => {
      unindex(table, row)
      if (before) {
        table.rows.set(key, before)
        reindex(table, before)
      } else table.rows.delete(key)
    })
    changes.push({ table: name, before: before ?? null, after: row })
    promised.push({ table, row })
  }

  function keyOf(name: string, row: JsonRow): string {
    return keyIn(tableOf(name).indexes[0]?.columns ?? [], row)
  }

  return {
    get: (name, key) => tableOf(name).rows.get(key),
    all: (name) => tableOf(name).rows.values(),
    keyOf,
    insert: (name, row) => put(name, row, undefined),
    replace: (name, row) => put(name, row, tableOf(name).rows.get(keyOf(name, row))),
    remove(name, row) {
      const table = tableOf(name)
      const key = keyOf(name, row)
      table.rows.delete(key)
      unindex(table, row)
      undo.push(() => {
        table.rows.set(key, row)
        reindex(table, row)
      })
      changes.push({ table: name, before: row, after: null })
    },
    clash(name, row) {
      const table = tableOf(name)
      return table.indexes.find((index) => {
        const key = indexKey(table, index, row)
        return key !== undefined && index.keys.has(key)
      })?.name
    },
    atomically(work) {
      undo = []
      changes = []
      promised = []
      try {
        const result = work()
        for (const { table, row } of promised) judgeReferences(table, row, tableOf)
        return { result, changes }
      } catch (error) {
        for (const step of undo.reverse()) step()
        throw error
      }
    },
  }
}

function prepare(schema: TableSchema): Judged {
  return {
    ...schema,
    types: new Map(schema.columns.map(({ name, type }) => [name, type])),
    judges: schema.checks.map(({ name, condition }) => ({ name, holds: compiled(condition) })),
    indexes: schema.uniques.map(({ name, columns, where }) => ({
      name,
      columns,
      where: where === null ? null : compiled(where),
      keys: new Set<string>(),
    })),
    rows: new Map(),
  }
}

function compiled(text: string): Condition {
  const known = CONDITIONS.get(text) ?? parseCondition(text)
  CONDITIONS.set(text, known)
  return known
}

/** Not null first, then the checks by name (ExecConstraints in Postgres). */
function judge(table: Judged, row: JsonRow): void {
  for (const { name, required } of table.columns) {
    if (required && (row[name] === null || row[name] === undefined)) throw new RuleBroken('23502', '23502')
  }
  const columns = reader(table, row)
  for (const { name, holds } of table.judges) {
    if (holds(columns) === false) throw new RuleBroken('23514', name)
  }
}

function judgeReferences(table: Judged, row: JsonRow, tableOf: (name: string) => Judged): void {
  for (const { name, columns, table: other, to } of table.references) {
    if (columns.some((column) => row[column] === null || row[column] === undefined)) continue
    const target = tableOf(other)
    const index = target.indexes.find((one) => one.where === null && one.columns.join() === to.join())
    if (!index?.keys.has(keyIn(columns, row))) throw new RuleBroken('23503', name)
  }
}

function reader(table: Judged, row: JsonRow): (column: string) => Value {
  return (column) => comparable(table.types.get(column), row[column])
}

/** A stored value as SQL compares it. */
function comparable(type: string | undefined, value: unknown): Value {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value
  switch (type) {
    case 'bigint':
    case 'integer':
    case 'smallint':
      return BigInt(value as string | number)
    case 'bytea':
      return '.'.repeat((String(value).length - 2) / 2) // all that is asked of bytes is how many they are
    case 'jsonb':
      return '{}'
    default:
      return String(value)
  }
}

const keyIn = (columns: readonly string[], row: JsonRow): string =>
  columns.map((column) => String(row[column])).join('|')

/** Undefined: the row is not in this index. Null is equal to nothing, so a null never clashes. */
function indexKey(table: Judged, index: Index, row: JsonRow): string | undefined {
  if (index.columns.some((column) => row[column] === null || row[column] === undefined)) return undefined
  if (index.where && index.where(reader(table, row)) !== true) return undefined
  return keyIn(index.columns, row)
}

function reindex(table: Judged, row: JsonRow): void {
  for (const index of table.indexes) {
    const key = indexKey(table, index, row)
    if (key !== undefined) index.keys.add(key)
  }
}

function unindex(table: Judged, row: JsonRow): void {
  for (const index of table.indexes) {
    const key = indexKey(table, index, row)
    if (key !== undefined) index.keys.delete(key)
  }
}
