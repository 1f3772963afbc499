import { createHash } from 'node:crypto'
import { accountTenant, type Tenant } from '../../../core/ids.ts'
import type { Session } from '../../../core/session.ts'
import type { SessionView } from '../../../storage/sessions.ts'
import type { Storage } from '../../../storage/storage.ts'
import { findByCredential, sessionCredential } from '../credentials.ts'

/** The purpose of the proof in a pay link. */
const PURPOSE = 'secpaid'

/** A session as this door sees it: one that has a number here. */
export type Link = Session & { readonly linkNumber: bigint }
export const isLink = (session: Session): session is Link => session.linkNumber !== null

/** One number has one spelling. @returns undefined for what can be no number of a link */
export function parseLinkNumber(text: string): bigint | undefined {
  const number = /^[1-9]\d{0,15}$/.test(text) ? BigInt(text) : 0n
  return number > 0n && number < 2n ** 53n ? number : undefined
}

/** What this system calls whoever made a link: a UUID (RFC 9562 version 8) that follows from the account's number. */
export function userIdOf(tenant: Tenant): string {
  const hex = createHash('sha256')
    .update(`secpaid user ${accountTenant(tenant)}`)
    .digest('hex')
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/**
 * Where the shopper pays. `link_id` is the number as this system's clients know it, padding and all; it opens nothing,
 * for what opens the page is the session's name with its proof, in `key`.
 */
export function payLink(publicUrl: string, link: Link): string {
  return `${publicUrl}/payment?${linkQuery(link)}`
}

export const qrImageUrl = (publicUrl: string, link: Link): string => `${publicUrl}/api/v2/qr?${linkQuery(link)}`

const linkQuery = (link: Link): string =>
  `link_id=${Buffer.from(String(link.linkNumber)).toString('base64')}&key=${sessionCredential(PURPOSE, link)}`

/** The session that a pay link opens. Both of its parameters have to be right; a link that was deleted is none. */
export async function findPayLink(
  storage: Pick<Storage, 'findSessionView'>,
  { link_id, key }: { readonly link_id: unknown; readonly key: unknown },
): Promise<(SessionView & { readonly session: Link }) | undefined> {
  if (typeof link_id !== 'string' || typeof key !== 'string' || key.length > 200 || link_id.length > 50)
    return undefined
  const number = parseLinkNumber(Buffer.from(link_id, 'base64').toString('latin1'))
  const view = await findByCredential(storage, PURPOSE, key)
  if (!view || !isLink(view.session) || view.session.linkNumber !== number || isDeleted(view.session)) return undefined
  return { ...view, session: view.session }
}

/** The shop took it back, by whichever door. */
const isDeleted = ({ state, closedBy }: Session): boolean => state === 'expired' && closedBy === 'merchant'
