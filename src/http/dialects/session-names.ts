import type { Dialect, Session } from '../../core/session.ts'
import { bpcId } from './bpc/ids.ts'
import { sessionId } from './hsrc/ids.ts'
import { openCheckoutId } from './opencheckout/render-session.ts'
import { ozuraId } from './ozura/ids.ts'

/** What each door calls a session, whichever door made it. Null: it has no name there. */
export const SESSION_NAMES: { readonly [dialect in Dialect]?: (session: Session) => string | null } = {
  opencheckout: openCheckoutId,
  ozura: ozuraId,
  bpc: ({ id }) => bpcId('session', id),
  hsrc: sessionId,
  // Only sessions that were made while the account wanted numbers have one.
  secpaid: ({ linkNumber }) => (linkNumber === null ? null : String(linkNumber)),
}
