/** How one field rests: `plain` as JSON has it, the others as their column needs. */
export type Kind = 'plain' | 'bigint' | 'date' | 'bytes'

/** A record type and its table. Column names are the field names in snake case; nothing else maps one to the other. */
export type Shape<T> = {
  readonly table: string
  readonly fields: { readonly [field in keyof T]-?: Kind }
  /** Hooks for a jsonb document that holds more than JSON can say. */
  readonly toDocument?: (document: unknown) => unknown
  readonly fromDocument?: (document: unknown) => unknown
  /** What fields were worth before the release that added them: snapshots of older events lack them. */
  readonly since?: Partial<T>
}

export type JsonRow = Readonly<Record<string, unknown>>

export const columnOf = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

/** A record as plain JSON under its column names: what `jsonb_populate_record` takes, and what snapshots hold. */
export function encodeRow<T extends object>(shape: Shape<T>, record: T): JsonRow {
  const row: Record<string, unknown> = {}
  for (const { field, column } of placesOf(shape)) {
    const value = record[field]
    row[column] = field === 'document' && shape.toDocument ? shape.toDocument(value) : encodeField(value)
  }
  return row
}

/** The reverse, from a row as the driver gives it or as a snapshot keeps it. */
export function decodeRow<T extends object>(shape: Shape<T>, row: JsonRow): T {
  const record: Record<string, unknown> = {}
  for (const { field, column } of placesOf(shape)) {
    const value = row[column]
    if (value === undefined && shape.since && field in shape.since) {
      record[field] = shape.since[field]
      continue
    }
    record[field] =
      field === 'document' && shape.fromDocument ? shape.fromDocument(value) : decodeField(shape.fields[field], value)
  }
  return record as T
}

/** The columns in the shape's order. Inserts name them, so that a column added by a newer release keeps its default. */
export function columnsOf<T extends object>(shape: Shape<T>): string[] {
  return placesOf(shape).map(({ column }) => column)
}

type Place<T> = { readonly field: keyof T & string; readonly column: string }
const PLACES = new WeakMap<object, unknown>()

/** Worked out once for each shape: every row that is written or read asks for it. */
function placesOf<T extends object>(shape: Shape<T>): readonly Place<T>[] {
  const known = PLACES.get(shape) as readonly Place<T>[] | undefined
  if (known) return known
  const fields = Object.keys(shape.fields) as (keyof T & string)[]
  const places = fields.map((field) => ({ field, column: columnOf(field) }))
  PLACES.set(shape, places)
  return places
}

export function encodeField(value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array) return `\\x${Buffer.from(value).toString('hex')}`
  return value
}

export function decodeField(kind: Kind, value: unknown): unknown {
  if (value === null || value === undefined) return null
  switch (kind) {
    case 'plain':
      return value
    case 'bigint':
      return typeof value === 'bigint' ? value : BigInt(String(value))
    case 'date':
      return value instanceof Date ? value : new Date(String(value))
    case 'bytes':
      return value instanceof Uint8Array
        ? Uint8Array.from(value)
        : Uint8Array.from(Buffer.from(String(value).slice(2), 'hex'))
  }
}
