import { PREFIXES } from '../../../core/ids.ts'
import type { Session } from '../../../core/session.ts'
import type { Visited } from '../../../storage/sessions.ts'
import type { Storage } from '../../../storage/storage.ts'
import { findByCredential, sessionCredential } from '../credentials.ts'

const PREFIX = 'session_'
/** The purpose of the credential that this door's ids carry. */
const PURPOSE = 'ozura'

/** Who knows the id may read the session, so it is the name with 128 bits of proof, under the prefix that clients know. */
export function ozuraId(session: Pick<Session, 'tenant' | 'id' | 'secret'>): string {
  return PREFIX + sessionCredential(PURPOSE, session).slice(PREFIXES.session.length)
}

/** The session behind such an id, whichever door made it, with its account. */
export async function findOzura(storage: Pick<Storage, 'findVisit'>, id: string): Promise<Visited | undefined> {
  if (!id.startsWith(PREFIX)) return undefined
  const credential = PREFIXES.session + id.slice(PREFIX.length)
  return findByCredential({ findSessionView: storage.findVisit }, PURPOSE, credential)
}
