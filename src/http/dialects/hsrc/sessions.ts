import type { FastifyRequest } from 'fastify'
import { callOffSession } from '../../../flows/close-session.ts'
import { createSession } from '../../../flows/create-session.ts'
import type { Answer } from '../../../flows/once.ts'
import type { SessionView } from '../../../storage/sessions.ts'
import { type Api, type ApiDeps, callerOf, lookOf } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { openObject, text } from '../../parameters/fields.ts'
import { callThrough, granted } from '../door.ts'
import { listed, superset } from './envelope.ts'
import { requireSession } from './ids.ts'
import { List, numbered, numberedPage, Plain } from './pages.ts'
import { CreateSession, parseNewSession } from './parse-session.ts'
import { factsOf, renderSession, type SessionFacts } from './render-session.ts'
import { searchSessions } from './search-sessions.ts'

const Search = openObject({ ...numbered, q: text(200) })
const ROOT = '/checkout-sessions'

/** What a shop's server does with sessions. */
export function registerSessions(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const shown = (facts: SessionFacts) => renderSession(facts, lookOf(deps))
  const answered = ({ snapshot }: Answer) => {
    if (snapshot.is !== 'session') throw new Error('a change of a session was answered with something else')
    const { session, payment, captured } = snapshot
    return superset('checkout_session', shown({ session, payment, captured, charge: null }))
  }
  const own = (request: FastifyRequest, id: string) => requireSession(storage, callerOf(request), id)
  const listOf = (views: readonly SessionView[]) => views.map((view) => shown(factsOf(view)))

  api.post(ROOT, { schema: { body: CreateSession } }, async (request, reply) => {
    const input = parseNewSession(callerOf(request), request.body)
    return reply.code(201).send(answered(granted(await createSession(deps, callThrough(request), input))))
  })

  api.get(ROOT, { schema: { querystring: List } }, async (request) => {
    const { tenant } = callerOf(request)
    const page = await numberedPage(request.query, (keys) => storage.listSessions(tenant, keys, {}))
    const views = await storage.readSessionViews(
      tenant,
      page.items.map(({ id }) => id),
    )
    return listed(listOf(page.items.flatMap(({ id }) => views.get(id) ?? [])), page.hasMore, request.query)
  })

  api.get(`${ROOT}/search`, { schema: { querystring: Search } }, async (request) => {
    const { views, hasMore } = await searchSessions(storage, callerOf(request), request.query)
    return listed(listOf(views), hasMore, request.query)
  })

  api.get(`${ROOT}/:id`, { schema: { params: Named, querystring: Plain } }, async (request) =>
    superset('checkout_session', shown(factsOf(await own(request, request.params.id)))),
  )

  api.post(`${ROOT}/:id/cancel`, { schema: { params: Named, body: Plain } }, async (request) => {
    const { session } = await own(request, request.params.id)
    return answered(granted(await callOffSession(deps, callThrough(request), session.id)))
  })
}
