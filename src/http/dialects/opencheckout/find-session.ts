import type { SessionView } from '../../../storage/sessions.ts'
import type { Storage } from '../../../storage/storage.ts'
import { findByCredential } from '../credentials.ts'
import { PURPOSE } from './render-session.ts'

/** The session behind an id of this door, whichever door made it. */
export function findOpenCheckout(
  storage: Pick<Storage, 'findSessionView'>,
  id: string,
): Promise<SessionView | undefined> {
  return findByCredential(storage, PURPOSE, id)
}
