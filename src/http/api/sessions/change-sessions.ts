import { expireSession } from '../../../flows/close-session.ts'
import { createSession } from '../../../flows/create-session.ts'
import { updateSession } from '../../../flows/update-session.ts'
import { answerChange } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, ownId } from '../api.ts'
import { Named } from '../named.ts'
import { SessionShape } from '../shapes/session.ts'
import { CreateSession, ExpireSession, UpdateSession } from './parameters.ts'
import { parseNewSession, parseSessionChanges } from './parse-session.ts'

export function registerSessionChanges(api: Api, deps: ApiDeps): void {
  const response = { 200: SessionShape }

  api.post('/checkout/sessions', { schema: { body: CreateSession, response } }, async (request, reply) => {
    const call = callOf(request, 'session')
    const input = parseNewSession(call.caller, request.body)
    if (input.signedReceipt) await deps.receipts.ensureKey(call.caller.tenant)
    return answerChange(deps, request, reply, 'session', await createSession(deps, call, input))
  })

  const one = '/checkout/sessions/:id'
  api.post(one, { schema: { params: Named, body: UpdateSession, response } }, async (request, reply) => {
    const id = ownId(callerOf(request), 'session', request.params.id)
    const changes = parseSessionChanges(request.body)
    const result = await updateSession(deps, callOf(request, 'session'), id, changes)
    return answerChange(deps, request, reply, 'session', result)
  })

  api.post(`${one}/expire`, { schema: { params: Named, body: ExpireSession, response } }, async (request, reply) => {
    const id = ownId(callerOf(request), 'session', request.params.id)
    const result = await expireSession(deps, callOf(request, 'session'), id)
    return answerChange(deps, request, reply, 'session', result)
  })
}
