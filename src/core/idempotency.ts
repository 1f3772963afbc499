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
  /** Method and path, and a short hash of every top-level parameter: a mismatch can name the field that differs. */
  readonly request: string
  readonly parameters: Readonly<Record<string, string>>
  readonly objectId: Uuid
  /** The event whose snapshot is the answer, where the change tells one. */
  readonly eventId: Uuid | null
  /** The snapshot itself, where no event carries it. */
  readonly answer: Snapshot | null
  readonly createdAt: Date
}
