import { Type } from '@fastify/type-provider-typebox'
import { DIALECTS } from '../../../core/session.ts'
import { object as parameters } from '../../parameters/fields.ts'
import { type Api, type ApiDeps, callerOf, found, ownId } from '../api.ts'
import { Named } from '../named.ts'
import { object, orNull, S } from '../shapes/words.ts'

export const SessionNamesShape = object({
  id: S,
  object: Type.Literal('checkout.session.names'),
  ...Object.fromEntries(DIALECTS.map((dialect) => [dialect, orNull(S)])),
})

/** What the doors for clients of other systems call a session: some of the names open it, so they are told to its shop alone. */
export function registerSessionNames(api: Api, deps: ApiDeps): void {
  const route = { schema: { params: Named, querystring: parameters({}), response: { 200: SessionNamesShape } } }
  api.get('/checkout/sessions/:id/names', route, async (request) => {
    const caller = callerOf(request)
    const id = ownId(caller, 'session', request.params.id)
    const { session } = found(await deps.storage.findSessionView(caller.tenant, id), 'session', request.params.id)
    const names = DIALECTS.map((dialect) => [dialect, deps.nameAt(dialect, session)])
    return { id: request.params.id, object: 'checkout.session.names' as const, ...Object.fromEntries(names) }
  })
}
