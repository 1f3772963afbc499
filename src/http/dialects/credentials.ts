import { credentialOf, nameOf, parseName, provesCredential, splitCredential } from '../../core/ids.ts'
import type { Session } from '../../core/session.ts'
import type { SessionView } from '../../storage/sessions.ts'
import type { Storage } from '../../storage/storage.ts'

/** What a door calls a session where knowing the name is the permission: the name, and 128 bits of proof for this use. */
export function sessionCredential(purpose: string, session: Pick<Session, 'tenant' | 'id' | 'secret'>): string {
  return credentialOf(nameOf('session', session.tenant, session.id), session.secret, purpose)
}

/** The session that such a name opens. Unknown, tampered and made for another use all find nothing. */
export async function findByCredential(
  storage: Pick<Storage, 'findSessionView'>,
  purpose: string,
  text: string,
): Promise<SessionView | undefined> {
  const parts = splitCredential(text)
  const name = parts && parseName('session', parts.name)
  if (!parts || !name) return undefined
  const view = await storage.findSessionView(name.tenant, name.id)
  return view && provesCredential(parts.claim, view.session.secret, purpose) ? view : undefined
}
