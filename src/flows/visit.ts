import { credentialOf, nameOf, parseName, provesCredential, splitCredential } from '../core/ids.ts'
import type { Session } from '../core/session.ts'
import type { Visited } from '../storage/sessions.ts'
import type { Context } from './call.ts'

/** The last part of a session page's URL: the session's name and 128 bits that prove the right to see it. */
export function pageCredential(session: Pick<Session, 'tenant' | 'id' | 'secret'>): string {
  return credentialOf(nameOf('session', session.tenant, session.id), session.secret, 'page')
}

/** The session behind a page's URL. Unknown, foreign and tampered credentials all find nothing. */
export async function findVisited(context: Context, credential: string): Promise<Visited | undefined> {
  const parts = splitCredential(credential)
  const name = parts && parseName('session', parts.name)
  if (!parts || !name) return undefined
  const visited = await context.storage.findVisit(name.tenant, name.id)
  return visited && provesCredential(parts.claim, visited.session.secret, 'page') ? visited : undefined
}

/**
 * The one-use word of a form: it stands for one try of one session and is spent by the confirm that uses it. It is
 * derived, so showing a form stores nothing.
 */
export function attemptNonce(session: Session): string {
  return credentialOf('', session.secret, `attempt ${session.tries}`)
}

export function isPresentAttempt(session: Session, nonce: string): boolean {
  return provesCredential(nonce, session.secret, `attempt ${session.tries}`)
}
