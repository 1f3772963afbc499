import type { Session } from '../../../core/session.ts'

/** What a link made here remembers of the request and of the account's choices at that time. */
export type LinkNotes = {
  /** All that was named, as it is answered. */
  readonly callback_url: string
  readonly payment_endpoint: string
  readonly format: 'json' | 'urlencoded'
  readonly tells_cancel: boolean
  /** Sealed, in base64. */
  readonly encryption_key?: string
  readonly statement: string
  readonly qr: boolean
}

/** A session of another door has none of these; it is told as this door tells by default. */
export function notesOf({ door, document }: Session): Partial<LinkNotes> {
  // Written by `parseNewLink` alone, and read back as it went in.
  return door === 'secpaid' ? ((document.dialect ?? {}) as Partial<LinkNotes>) : {}
}
