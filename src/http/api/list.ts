import type { FastifyRequest } from 'fastify'
import type { Uuid } from '../../core/ids.ts'
import type { Page, PageOf } from '../../storage/page-of.ts'
import { Refused } from '../errors.ts'
import { type ApiDeps, callerOf, missing, type NamedKind, ownId } from './api.ts'
import { expandAll } from './expand.ts'

/** What the query of every list may say. */
export type PageQuery = {
  readonly limit?: number
  readonly starting_after?: string
  readonly ending_before?: string
  readonly created?:
    | number
    | { readonly gt?: number; readonly gte?: number; readonly lt?: number; readonly lte?: number }
  readonly expand?: readonly string[]
}

/**
 * The page that a query asks for.
 * @param exists whether the caller has an object of that key: a page beside nothing would silently be a wrong one
 */
export async function pageOf(
  request: FastifyRequest,
  query: PageQuery,
  kind: NamedKind,
  exists: (id: Uuid) => Promise<unknown>,
): Promise<PageOf> {
  const { limit = 10, starting_after: after, ending_before: before } = query
  if (after !== undefined && before !== undefined) {
    throw new Refused({
      code: 'parameters_exclusive',
      param: 'starting_after',
      detail: 'starting_after, ending_before',
    })
  }
  const anchor = async (name: string, param: string): Promise<Uuid> => {
    const id = ownId(callerOf(request), kind, name, param)
    if ((await exists(id)) === undefined) throw missing(kind, name, param)
    return id
  }
  return {
    limit,
    ...(after === undefined ? {} : { startingAfter: await anchor(after, 'starting_after') }),
    ...(before === undefined ? {} : { endingBefore: await anchor(before, 'ending_before') }),
    ...createdRange(query.created),
  }
}

/** Whole seconds on the wire, moments inside: `lte` takes the second it names to its end. */
export function createdRange(created: PageQuery['created']): Pick<PageOf, 'createdFrom' | 'createdBefore'> {
  if (created === undefined) return {}
  const { gt, gte, lt, lte } =
    typeof created === 'number' ? { gte: created, lte: created, gt: undefined, lt: undefined } : created
  const from = Math.max(gte ?? -1, gt === undefined ? -1 : gt + 1)
  const before = Math.min(lt ?? Infinity, lte === undefined ? Infinity : lte + 1)
  return {
    ...(from < 0 ? {} : { createdFrom: new Date(from * 1000) }),
    ...(before === Infinity ? {} : { createdBefore: new Date(before * 1000) }),
  }
}

/** One page on the wire, its objects expanded as asked. */
export async function answerPage<T, W extends object>(
  deps: ApiDeps,
  request: FastifyRequest,
  kind: NamedKind,
  page: Page<T>,
  render: (items: readonly T[]) => readonly W[] | Promise<readonly W[]>,
) {
  const data = [...(await render(page.items))]
  const { expand } = request.query as PageQuery
  await expandAll(deps, callerOf(request).tenant, kind, data, expand, true)
  return { object: 'list' as const, data, has_more: page.hasMore, url: pathOf(request) }
}

export function pathOf(request: FastifyRequest): string {
  return ((request.raw.url ?? '').split('?', 1)[0] ?? '').replace(/\/$/, '')
}
