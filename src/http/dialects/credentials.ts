import {
  credentialOf,
  nameOf,
  parseName,
  provesCredential,
  splitCredential,
  type Tenant,
  type Uuid,
} from '../../core/ids.ts'
import type { Session } from '../../core/session.ts'
import type { SessionView } from '../../storage/sessions.ts'

/** What a door calls a session where knowing the name is the permission: the name, and 128 bits of proof for this use. */
export function sessionCredential(purpose: string, session: Pick<Session, 'tenant' | 'id' | 'secret'>): string {
  return credentialOf(nameOf('session', session.tenant, session.id), session.secret, purpose)
}

/** The session that such a name opens. Unknown, tampered and made for another use all find nothing. */
export async function findByCredential<View extends SessionView>(
  storage: { findSessionView(tenant: Tenant, id: Uuid): Promise<View | undefined> },
  purpose: string,
  text: string,
): Promise<View | undefined> {
  const parts = splitCredential(text)
  const name = parts && parseName('session', parts.name)
  if (!parts || !name) return undefined
  const view = await storage.findSessionView(name.tenant, name.id)
  return view && provesCredential(parts.claim, view.session.secret, purpose) ? view : undefined
}
