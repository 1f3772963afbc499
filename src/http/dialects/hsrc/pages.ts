import type { Uuid } from '../../../core/ids.ts'
import type { Page, PageOf } from '../../../storage/page-of.ts'
import { Refused } from '../../errors.ts'
import { flag, integer, name, openObject, optional } from '../../parameters/fields.ts'
import type { Numbered } from './envelope.ts'

const MOST_LIMIT = 100
/** Pages are counted from the newest: who wants what is further down asks for single objects. */
const DEEPEST = 10_000
const STEP = 500

export const numbered = { page: optional(integer(1, DEEPEST)), limit: optional(integer(1, MOST_LIMIT)) }
/** Named by many calls, and checked before all of them. */
export const Plain = openObject({ account_id: optional(name()) })
export const List = openObject(numbered)
export const include = () => optional(flag())

/** A page by its number, of lists that go on from the last object seen. */
export async function numberedPage<T extends { readonly id: Uuid }>(
  { page = 1, limit = 20 }: Numbered,
  list: (page: PageOf) => Promise<Page<T>>,
): Promise<Page<T>> {
  if (page * limit > DEEPEST) {
    throw new Refused({ code: 'parameter_invalid_range', param: 'page', detail: `it is beyond the first ${DEEPEST}` })
  }
  let after: Uuid | undefined
  for (let left = (page - 1) * limit; left > 0; left -= STEP) {
    const skipped = await list({ limit: Math.min(left, STEP), ...(after ? { startingAfter: after } : {}) })
    after = skipped.items.at(-1)?.id
    if (!skipped.hasMore || !after) return { items: [], hasMore: false }
  }
  return list({ limit, ...(after ? { startingAfter: after } : {}) })
}
