import { nameOf, parseName } from '../../../core/ids.ts'
import type { Session } from '../../../core/session.ts'
import type { SessionState } from '../../../core/session-machine.ts'
import type { SessionFilter, SessionView } from '../../../storage/sessions.ts'
import { type Api, type ApiDeps, callerOf, found, lookOf, missing, ownId } from '../api.ts'
import { expandAll, pricesOf } from '../expand.ts'
import { answerPage, pageOf, pathOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { renderLineItem } from '../render/render-line-item.ts'
import { renderSession } from '../render/render-session.ts'
import { LineItemShape } from '../shapes/catalog.ts'
import { SessionShape } from '../shapes/session.ts'
import { listOf } from '../shapes/words.ts'
import { ListLineItems, ListSessions } from './parameters.ts'

/** What a filter by the wire's status means inside. */
const STATES: Readonly<Record<'complete' | 'expired' | 'open', readonly SessionState[]>> = {
  open: ['open', 'processing'],
  complete: ['complete'],
  expired: ['expired', 'canceled', 'failed'],
}

export function registerSessionReads(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const render = (view: SessionView) => renderSession({ ...view, captured: view.charge?.captured ?? 0n }, lookOf(deps))

  const retrieve = { schema: { params: Named, querystring: Retrieve, response: { 200: SessionShape } } }
  api.get('/checkout/sessions/:id', retrieve, async (request) => {
    const caller = callerOf(request)
    const id = ownId(caller, 'session', request.params.id)
    const session = render(found(await storage.findSessionView(caller.tenant, id), 'session', request.params.id))
    await expandAll(deps, caller.tenant, 'session', [session], request.query.expand)
    return session
  })

  const list = { schema: { querystring: ListSessions, response: { 200: listOf(SessionShape) } } }
  api.get('/checkout/sessions', list, async (request) => {
    const caller = callerOf(request)
    const { query } = request
    const page = await pageOf(request, query, 'session', (id) => storage.findSessionView(caller.tenant, id))
    const filter: SessionFilter = {
      ...(query.status ? { states: STATES[query.status] } : {}),
      ...(query.customer ? { customerId: ownId(caller, 'customer', query.customer, 'customer') } : {}),
      ...(query.payment_intent ? { paymentId: ownId(caller, 'payment', query.payment_intent, 'payment_intent') } : {}),
      ...(query.customer_details ? { email: query.customer_details.email } : {}),
    }
    return answerPage(
      deps,
      request,
      'session',
      await storage.listSessions(caller.tenant, page, filter),
      async (items) => {
        const views = await storage.readSessionViews(
          caller.tenant,
          items.map((session) => session.id),
        )
        return items.flatMap((session) => views.get(session.id) ?? []).map(render)
      },
    )
  })

  const lines = { schema: { params: Named, querystring: ListLineItems, response: { 200: listOf(LineItemShape) } } }
  api.get('/checkout/sessions/:id/line_items', lines, async (request) => {
    const caller = callerOf(request)
    const id = ownId(caller, 'session', request.params.id)
    const { session } = found(await storage.findSessionView(caller.tenant, id), 'session', request.params.id)
    const prices = await pricesOf(deps, caller.tenant, [session])
    const { items, hasMore } = pageOfLines(session, request.query)
    const data = items.map((line) => renderLineItem(session, line, prices))
    await expandAll(deps, caller.tenant, 'item', data, request.query.expand, true, [session])
    return { object: 'list' as const, data, has_more: hasMore, url: pathOf(request) }
  })
}

/** Lines keep the shop's order, so their list runs forward where others run from the newest. */
function pageOfLines(
  session: Session,
  query: { readonly limit?: number; readonly starting_after?: string; readonly ending_before?: string },
) {
  const { lineItems } = session.document
  const limit = query.limit ?? 10
  const placeOf = (name: string, param: string): number => {
    const id = parseName('lineItem', name)?.id
    const place = lineItems.findIndex((line) => line.id === id)
    if (place < 0) throw missing('session', nameOf('session', session.tenant, session.id), param)
    return place
  }
  if (query.ending_before !== undefined) {
    const end = placeOf(query.ending_before, 'ending_before')
    return { items: lineItems.slice(Math.max(0, end - limit), end), hasMore: end > limit }
  }
  const start = query.starting_after === undefined ? 0 : placeOf(query.starting_after, 'starting_after') + 1
  return { items: lineItems.slice(start, start + limit), hasMore: start + limit < lineItems.length }
}
