import type { Snapshot } from './event.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { Door } from './session.ts'

/**
 * One key of one caller's door, kept 30 days. Written in the commit of the change it guards; a replay renders the
 * snapshot named here, so the first answer is the answer.
 */
export type IdempotencyRow = {
  readonly tenant: Tenant
  readonly door: Door
  readonly key: string
  /** Method and path, and a short keyed hash of every top-level parameter: a mismatch can name the field that differs. */
  readonly request: string
  readonly parameters: Readonly<Record<string, string>>
  readonly objectId: Uuid
  /** The event whose snapshot is the answer, where the change tells one. */
  readonly eventId: Uuid | null
  /** The snapshot itself, where no event carries it. */
  readonly answer: Snapshot | null
  /** The refusal that is the answer. */
  readonly refusal: { readonly code: string; readonly param?: string; readonly detail?: string } | null
  /**
   * Without event, answer and refusal the outcome is not decided: until this moment the first request is at work on it,
   * afterwards a repetition reads how things stand. Nobody takes the work over with the key: the order's row carries it.
   */
  readonly leasedUntil: Date | null
  readonly createdAt: Date
}

/** The outcome of an order, for the key that waits for it; or, while there is none, the end of its lease. */
export type DecidedKey = Pick<IdempotencyRow, 'tenant' | 'door' | 'key' | 'answer' | 'refusal' | 'leasedUntil'>
