import type { Static } from '@fastify/type-provider-typebox'
import type { Tenant, Uuid } from '../../../core/ids.ts'
import type { Session } from '../../../core/session.ts'
import type { PageOf } from '../../../storage/page-of.ts'
import { Refused } from '../../errors.ts'
import type { DoorDeps } from '../door.ts'
import { renderView } from './index.ts'
import type { ListSessions } from './parameters.ts'

const MOST = 100
const USUAL = 10

/** A page of the account's sessions, newest first, whichever door made them. */
export async function listSessions(deps: DoorDeps, tenant: Tenant, query: Static<typeof ListSessions>) {
  const { items, hasMore } = await deps.storage.listSessions(tenant, pageOf(query), {})
  const views = await deps.storage.readSessionViews(
    tenant,
    items.map(({ id }) => id),
  )
  const last = items.at(-1)
  return {
    object: 'list' as const,
    data: items.flatMap(({ id }) => views.get(id) ?? []).map((view) => renderView(deps, view)),
    has_more: hasMore,
    next_cursor: hasMore && last ? cursorOf(last) : null,
    url: '/api/checkout/sessions',
  }
}

/** The moment that clients know as the cursor, and what tells apart two sessions of one moment. */
const cursorOf = ({ createdAt, id }: Session): string => `${createdAt.toISOString()}_${id}`

const CURSOR = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,3})?Z)(?:_([\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}))?$/

function pageOf({ limit = '', cursor }: Static<typeof ListSessions>): PageOf {
  const asked = /^\d{1,9}$/.test(limit) ? Number(limit) : 0
  const page = { limit: asked === 0 ? USUAL : Math.min(asked, MOST) }
  if (cursor === undefined) return page
  const [, moment = '', id] = CURSOR.exec(cursor) ?? []
  const before = new Date(moment)
  if (Number.isNaN(before.getTime())) {
    throw new Refused({ code: 'parameter_invalid_string', param: 'cursor', detail: 'must be a next_cursor' })
  }
  return id === undefined ? { ...page, createdBefore: before } : { ...page, startingAfter: id as Uuid }
}
