import { createHash } from 'node:crypto'

/** One thing that happened, in order. `detail` is spelled out only for the hash and for whoever reads the story. */
export type Line = { readonly atMs: number; readonly who: string; readonly what: string; readonly detail: unknown }

export type Trace = {
  add(line: Line): void
  /** SHA-256 of every line so far: equal seeds have equal hashes, on either storage. */
  hash(): string
  count(): number
  /** The last lines, for the story of a failure. */
  last(): readonly Line[]
}

const KEPT = 30
/** Lines are hashed many at once: a hash costs more by the call than by the byte. */
const HASHED_AT_ONCE = 64 * 1024

/** @param onLine hears every line, for `--trace` */
export function makeTrace(onLine?: (line: Line) => void): Trace {
  const hash = createHash('sha256')
  const kept: Line[] = []
  let unhashed = ''
  let count = 0
  const hashAll = (): void => {
    hash.update(unhashed)
    unhashed = ''
  }
  return {
    add(line) {
      unhashed += `${line.atMs} ${line.who} ${line.what} ${spell(line.detail)}\n`
      if (unhashed.length >= HASHED_AT_ONCE) hashAll()
      count += 1
      kept.push(line)
      if (kept.length > 2 * KEPT) kept.splice(0, kept.length - KEPT)
      onLine?.(line)
    },
    hash() {
      hashAll()
      return hash.copy().digest('hex')
    },
    count: () => count,
    last: () => kept.slice(-KEPT),
  }
}

/**
 * One spelling per value: the keys of objects are sorted, because jsonb gives them back in an order of its own, and what
 * is undefined is left out, because JSON cannot say it. Functions have no spelling.
 */
export function spell(value: unknown): string {
  switch (typeof value) {
    case 'bigint':
      return `${value}n`
    case 'undefined':
    case 'function':
      return '-'
    case 'object':
      return value === null ? 'null' : spellObject(value)
    default:
      return JSON.stringify(value)
  }
}

function spellObject(value: object): string {
  if (Object.getPrototypeOf(value) === Object.prototype) return spellFields(value as Fields)
  if (value instanceof Date) return value.toISOString()
  if (value instanceof Uint8Array)
    return `x${Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex')}`
  if (Array.isArray(value)) return `[${value.map(spell).join()}]`
  if (value instanceof Map)
    return `{${[...value]
      .map(([key, one]) => `${spell(key)}:${spell(one)}`)
      .sort()
      .join()}}`
  if (value instanceof Error) return `error(${'code' in value ? String(value.code) : ''})`
  return spellFields(value as Fields)
}

type Fields = Readonly<Record<string, unknown>>

function spellFields(fields: Fields): string {
  let text = '{'
  for (const key of Object.keys(fields).sort()) {
    const field = fields[key]
    if (field !== undefined && typeof field !== 'function') text += `${key}:${spell(field)},`
  }
  return `${text}}`
}

const MAX_DETAIL = 400

/** A line as people read it: seconds since the start, who, what, and the beginning of the detail. */
export function printLine({ atMs, who, what, detail }: Line): string {
  const text = detail === undefined ? '' : spell(detail)
  const shown = text.length > MAX_DETAIL ? `${text.slice(0, MAX_DETAIL)}…` : text
  return `${(atMs / 1000).toFixed(3).padStart(9)}s ${who.padEnd(8)} ${what} ${shown}`
}
