import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { AliasRequest, PageAlias } from '../core/page-alias.ts'
import { pageCredential } from '../flows/visit.ts'
import { type Desk, pathOf, redirectFound, sendNeutral } from './desk.ts'

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
    if (!session) continue
    const own = `${desk.origins.publicOrigin}${pathOf(pageCredential(session))}`
    return redirectFound(desk, reply, session.leadsTo ?? own)
  }
  return sendNeutral(desk, request, reply, { kind: 'not_found' }, 404)
}
