import type { Static, TSchema } from '@fastify/type-provider-typebox'
import type { Tenant } from '../../../core/ids.ts'
import type { SessionView } from '../../../storage/sessions.ts'
import { Refused } from '../../errors.ts'
import type { DoorDeps } from '../door.ts'
import { isLink, type Link } from './ids.ts'
import type { ListLinks } from './parameters.ts'
import { renderUnused, renderUsed } from './render-link.ts'

export const MOST_LISTED = 1000

/** The account's links that wait for their payment, or that were paid. */
export async function listLinks(deps: DoorDeps, tenant: Tenant, used: boolean, asked: Static<typeof ListLinks>) {
  const limit = countOf('limit', asked.limit, 10, MOST_LISTED)
  const { search } = asked
  const ids = await deps.storage.listLinks(tenant, { used, limit, ...(search === undefined ? {} : { search }) })
  const views = await deps.storage.readSessionViews(tenant, ids)
  const links = ids.flatMap((id) => linkOf(views.get(id)) ?? [])
  return links.map((link) => (used ? renderUsed(link) : renderUnused(link, deps.publicUrl())))
}

export function linkOf(view: SessionView | undefined): Link | undefined {
  return view && isLink(view.session) ? view.session : undefined
}

/** A number from 1 that some clients send as text; more than the most is the most. @throws Refused for what is none */
export function countOf(param: string, given: string | undefined, usual: number, most: number): number {
  if (given === undefined) return usual
  const count = /^\d{1,15}$/.test(given) ? Number(given) : 0
  if (count > 0) return Math.min(count, most)
  throw new Refused({ code: 'parameter_invalid_integer', param, detail: `${given.slice(0, 20)} (must be 1 or more)` })
}

/** A page of what there is nothing of. */
export function emptyPage(asked: Static<TSchema>) {
  const { page, limit } = asked as { readonly page?: string; readonly limit?: string }
  countOf('page', page, 1, MOST_LISTED)
  countOf('limit', limit, 10, MOST_LISTED)
  return []
}
