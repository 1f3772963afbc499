import type { TSchema } from '@fastify/type-provider-typebox'
import type { Customer, Price, Product } from '../../../core/catalog.ts'
import { nameOf } from '../../../core/ids.ts'
import { parseSearch, SEARCH_FIELDS } from '../../../core/search-query.ts'
import { Refused } from '../../errors.ts'
import { type Api, type ApiDeps, callerOf, ownId } from '../api.ts'
import { expandAll } from '../expand.ts'
import { pathOf } from '../list.ts'
import { searchResultOf } from '../shapes/words.ts'
import { SearchQuery } from './parameters.ts'

type Records = { readonly customer: Customer; readonly price: Price; readonly product: Product }

/** `GET /v1/<kind>s/search`. The page token is the name of the last object that was shown. */
export function registerSearch<K extends keyof Records>(
  api: Api,
  deps: ApiDeps,
  kind: K,
  shape: TSchema,
  render: (record: Records[K]) => object,
): void {
  const { storage } = deps
  const searches = {
    customer: storage.searchCustomers,
    price: storage.searchPrices,
    product: storage.searchProducts,
  }
  const schema = { querystring: SearchQuery, response: { 200: searchResultOf(shape) } }
  api.get(`/${kind}s/search`, { schema }, async (request) => {
    const caller = callerOf(request)
    const { query, limit = 10, page: after, expand } = request.query
    const parsed = parseSearch(query, SEARCH_FIELDS[kind])
    if (!parsed.ok) throw new Refused({ code: 'search_query_invalid', param: 'query', detail: parsed.message })
    const page = after === undefined ? { limit } : { limit, startingAfter: ownId(caller, kind, after, 'page') }
    const { items, hasMore } = await searches[kind](caller.tenant, page, parsed.query)
    const data = (items as readonly Records[K][]).map(render)
    await expandAll(deps, caller.tenant, kind, data, expand, true)
    const last = items.at(-1)
    return {
      object: 'search_result' as const,
      data,
      has_more: hasMore,
      next_page: hasMore && last ? nameOf(kind, caller.tenant, last.id) : null,
      url: pathOf(request),
    }
  })
}
