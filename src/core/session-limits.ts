import type { DoorNotes, Session, SessionDocument } from './session.ts'
import { plainText } from './setting-values.ts'

export const MOST_TRIES = 20
export const MOST_DISPLAY_NAME = 100
export const MOST_NOTES_BYTES = 12 * 1024

/**
 * What a door keeps of its own has to fit into a row and come back as it went in: plain JSON, at most 12 KB of it, without
 * what Postgres would not take.
 */
export function isDoorNotes(value: unknown): value is DoorNotes {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  return isPlain(value, 20) && Buffer.byteLength(JSON.stringify(value)) <= MOST_NOTES_BYTES
}

function isPlain(value: unknown, depth: number): boolean {
  if (typeof value === 'string') return value.isWellFormed() && !value.includes('\u0000')
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value === 'boolean' || value === null) return true
  if (typeof value !== 'object' || depth === 0) return false
  if (Array.isArray(value)) return value.every((item) => isPlain(item, depth - 1))
  return Object.entries(value).every(([key, item]) => isPlain(key, 0) && isPlain(item, depth - 1))
}

type Limited = Partial<Pick<Session, 'maxTries'>> & Pick<SessionDocument, 'displayName' | 'dialect'>

/** Whoever may pay with a name in the way of a card number, or twice as often as anybody, came through no parser. */
export function assertSessionLimits({ maxTries, displayName, dialect }: Limited): void {
  if (maxTries !== undefined && !(Number.isInteger(maxTries) && maxTries >= 1 && maxTries <= MOST_TRIES)) {
    throw new RangeError(`a session of ${maxTries} tries came through the parser`)
  }
  if (displayName !== undefined && !plainText(MOST_DISPLAY_NAME)(displayName).ok) {
    throw new RangeError('a name that no page may show came through the parser')
  }
  if (dialect !== undefined && !isDoorNotes(dialect))
    throw new RangeError('notes that no row may keep came through the parser')
}
