import type { Caller } from '../../../core/account.ts'
import type { Session } from '../../../core/session.ts'
import type { SessionView } from '../../../storage/sessions.ts'
import type { Storage } from '../../../storage/storage.ts'
import { Refused } from '../../errors.ts'
import type { Numbered } from './envelope.ts'
import { findSession, requirePayment } from './ids.ts'
import { numberedPage } from './pages.ts'

/** So many of the newest sessions are read for a word in their metadata. */
const NEWEST = 1000
type Query = Numbered & { readonly q: string }
type Found = { readonly views: readonly SessionView[]; readonly hasMore: boolean }

/** An id of a session or of its payment, a payer's address, or a value of a session's metadata. */
export async function searchSessions(storage: Storage, caller: Caller, query: Query): Promise<Found> {
  const { tenant } = caller
  const { q } = query
  const view = await findSession(storage, caller, q)
  if (view) return { views: [view], hasMore: false }
  if (/^(?:pay|rp)_/.test(q)) return { views: await ofPayment(storage, caller, q), hasMore: false }
  const page = q.includes('@')
    ? await numberedPage(query, (keys) => storage.listSessions(tenant, keys, { email: q }))
    : await withWord(storage, caller, query)
  const views = await storage.readSessionViews(
    tenant,
    page.items.map(({ id }) => id),
  )
  return { views: page.items.flatMap(({ id }) => views.get(id) ?? []), hasMore: page.hasMore }
}

async function ofPayment(storage: Storage, caller: Caller, q: string): Promise<readonly SessionView[]> {
  try {
    const { session, payment, charge } = await requirePayment(storage, caller, q)
    return session ? [{ session, payment, charge }] : []
  } catch (error) {
    if (error instanceof Refused) return []
    throw error
  }
}

async function withWord(storage: Storage, { tenant }: Caller, { q, page = 1, limit = 20 }: Query) {
  const { items } = await storage.listSessions(tenant, { limit: NEWEST }, {})
  const fitting = items.filter((session) => wordsOf(session).some((word) => word.toLowerCase() === q.toLowerCase()))
  const from = (page - 1) * limit
  return { items: fitting.slice(from, from + limit), hasMore: fitting.length > from + limit }
}

const wordsOf = ({ document }: Session): readonly string[] => [
  ...Object.values(document.metadata ?? {}),
  ...(document.clientReferenceId === undefined ? [] : [document.clientReferenceId]),
]
