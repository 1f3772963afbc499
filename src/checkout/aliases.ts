import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Door, Session } from '../core/session.ts'
import { pageCredential } from '../flows/visit.ts'
import { type Desk, pathOf, redirectFound, sendNeutral } from './desk.ts'

/** What of a request says which session is meant. */
export type AliasRequest = {
  readonly params: Readonly<Record<string, string | undefined>>
  readonly query: Readonly<Record<string, string | readonly string[] | undefined>>
}

/** An address under which a door's shops know the page: it leads to the session's own. */
export type PageAlias = {
  readonly door: Door
  /** As routes are written: `/pay/:id`. Two doors may share one; who is listed first is asked first. */
  readonly path: string
  /** The session that the address opens. Whoever finds it has judged the credential, for what follows is open to all who ask. */
  find(request: AliasRequest): Promise<Pick<Session, 'tenant' | 'id' | 'secret'> | undefined>
}

export function registerAliases(app: FastifyInstance, desk: Desk): void {
  const byPath = Map.groupBy(desk.aliases, ({ path }) => path)
  for (const [path, aliases] of byPath) {
    app.get(path, (request, reply) => leadToPage(desk, aliases, request, reply))
  }
}

/** Unknown and foreign look the same, as on the page itself. */
async function leadToPage(
  desk: Desk,
  aliases: readonly PageAlias[],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const asked = { params: request.params, query: request.query } as AliasRequest
  for (const alias of aliases) {
    const session = await alias.find(asked)
    if (session) return redirectFound(desk, reply, `${desk.origins.publicOrigin}${pathOf(pageCredential(session))}`)
  }
  return sendNeutral(desk, request, reply, { kind: 'not_found' }, 404)
}
