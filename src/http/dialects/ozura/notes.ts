import type { Session } from '../../../core/session.ts'
import type { Json } from '../../parameters/fields.ts'

export type Metadata = Readonly<Record<string, Json>>

/** What this door keeps of a request to say it again. */
export type OzuraNotes = {
  readonly merchantId: string
  readonly taxExempt: boolean
  readonly metadata: Metadata
  /** As it was asked for: `2.5` is not made `2.50`. */
  readonly surchargePercent?: string
  /** The shop's error page is ours: a session that fails leads there, with our proof. */
  readonly ownErrorPage?: true
}

/** The notes of a session that came in here. Those of another door are not ours to read. */
export function notesOf({ door, document }: Pick<Session, 'door' | 'document'>): OzuraNotes | undefined {
  return door === 'ozura' ? (document.dialect as OzuraNotes | undefined) : undefined
}

/** Ozura's own words, which its clients may put into metadata: keys of the merchant that no shopper may see. */
const HIDDEN: ReadonlySet<string> = new Set(['apiKey', 'ozuraApiKey', 'idempotencyKey', 'merchantName', 'waxKey'])

/** Metadata as it may be shown to whoever holds a link. */
export function shown<Value>(metadata: Readonly<Record<string, Value>>): Readonly<Record<string, Value>> {
  return Object.fromEntries(Object.entries(metadata).filter(([key]) => !HIDDEN.has(key)))
}

/** The session's metadata as this door says it: any JSON where it came in here, and pairs of texts where it did not. */
export function metadataOf(session: Pick<Session, 'door' | 'document'>): Metadata {
  return shown(notesOf(session)?.metadata ?? session.document.metadata ?? {})
}
