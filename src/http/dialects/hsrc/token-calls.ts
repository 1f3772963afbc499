import type { FastifyReply, FastifyRequest } from 'fastify'
import { settingsOf } from '../../../core/account.ts'
import type { Visited } from '../../../storage/sessions.ts'
import { type Api, type ApiDeps, lookOf } from '../../api/api.ts'
import { Refused } from '../../errors.ts'
import { findByCredential } from '../credentials.ts'
import { isClosedFor } from './closed.ts'
import { confirmOne } from './confirm-session.ts'
import { superset } from './envelope.ts'
import { Plain } from './pages.ts'
import { Confirm } from './parse-payer.ts'
import { notesOf } from './parse-session.ts'
import { factsOf, renderSession, TOKEN } from './render-session.ts'

const ONE = '/checkout-sessions/token/:token'

/** What a shop's own page does, from a browser, with nothing but the session's token. */
export function registerTokenCalls(api: Api, deps: ApiDeps): void {
  api.decorateRequest('visited', null)
  const config = { keyless: true as const }
  const onRequest = (request: FastifyRequest, reply: FastifyReply) => arrive(deps, request, reply)

  for (const path of [ONE, `${ONE}/confirm`]) {
    api.options(path, { config, onRequest }, async (_, reply) => reply.code(204).send())
  }

  api.get(ONE, { config, onRequest, schema: { querystring: Plain } }, async (request) =>
    superset('checkout_session', renderSession(factsOf(visitedBy(request)), lookOf(deps))),
  )

  const confirm = { config: { ...config, card: 'hsrc' as const }, onRequest, schema: { body: Confirm } }
  api.post(`${ONE}/confirm`, confirm, async (request) => {
    const { session: before } = visitedBy(request)
    const { session, ...beside } = await confirmOne(deps, request, before, request.body)
    return superset('checkout_session', session, beside)
  })
}

declare module 'fastify' {
  interface FastifyRequest {
    /** The session that a token in the path opens. */
    visited: Visited | null
  }
}

function visitedBy({ visited }: FastifyRequest): Visited {
  if (!visited) throw new Error('a token call ran without its session')
  return visited
}

/** Finds the session before the body is read: the card in it belongs to the session's account. */
async function arrive({ storage }: ApiDeps, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const { token } = request.params as { readonly token: string }
  const view = await findByCredential(storage, TOKEN, token)
  const visited = view && (await storage.findVisit(view.session.tenant, view.session.id))
  const isOthers = request.caller !== null && request.caller.tenant !== visited?.session.tenant
  if (!visited || isOthers || isClosedFor(visited.account, visited.session.tenant))
    throw new Refused({ code: 'resource_missing', detail: 'token', noun: 'checkout session' })
  request.visited = visited
  request.cardTenant = visited.session.tenant
  allowOrigin(request, reply, visited)
}

/** Scripts of the page that the session names may call, and those of the account's own pages. */
function allowOrigin({ headers }: FastifyRequest, reply: FastifyReply, { session, account }: Visited): void {
  reply.header('vary', 'origin')
  const { origin } = headers
  if (origin === undefined) return
  const { pageOrigins = [] } = settingsOf(account, session.tenant)
  const own = URL.parse(notesOf(session).url ?? '')?.origin
  if (origin !== own && !pageOrigins.includes(origin)) return
  reply.header('access-control-allow-origin', origin)
  reply.header('access-control-allow-methods', 'GET, POST')
  reply.header('access-control-allow-headers', 'authorization, content-type, idempotency-key')
  reply.header('access-control-max-age', '600')
}
