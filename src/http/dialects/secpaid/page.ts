import type { AliasRequest } from '../../../core/page-alias.ts'
import { filledReturn, type ReturnEnd, type Returning } from '../../../core/shop-returns.ts'
import type { Context } from '../../../flows/call.ts'
import type { DoorPage } from '../index.ts'
import { findPayLink, userIdOf } from './ids.ts'

/** Shoppers come by `/payment?link_id=…`, and go to the callback URL with what became of the link. */
export function secPaidPage({ storage }: Context): DoorPage {
  const find = async ({ query }: AliasRequest) =>
    (await findPayLink(storage, { link_id: query.link_id, key: query.key }))?.session
  return { returns: callbackOf, aliases: [{ door: 'secpaid', path: '/payment', find }] }
}

/** There are two words for how it ended; one who has no try left is sent back as one who canceled. */
function callbackOf(returning: Returning, end: ReturnEnd): string | undefined {
  const url = filledReturn(returning, end === 'success' ? 'success' : 'cancel')
  const { linkNumber, tenant } = returning.session
  if (url === undefined || linkNumber === null) return url
  const status = end === 'success' ? 'success' : 'cancel'
  return withQuery(url, `pay_id=${linkNumber}&user_id=${userIdOf(tenant)}&status=${status}`)
}

/** Behind whatever query the shop wrote, and before a fragment. */
function withQuery(url: string, query: string): string {
  const at = url.indexOf('#')
  const [page, fragment] = at < 0 ? [url, ''] : [url.slice(0, at), url.slice(at)]
  const joint = !page.includes('?') ? '?' : /[?&]$/.test(page) ? '' : '&'
  return `${page}${joint}${query}${fragment}`
}
