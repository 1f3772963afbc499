import { expireSession } from '../../../flows/close-session.ts'
import { createSession } from '../../../flows/create-session.ts'
import type { Answer } from '../../../flows/once.ts'
import { type Api, type ApiDeps, callerOf, lookOf } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { openObject } from '../../parameters/fields.ts'
import { callThrough, granted } from '../door.ts'
import { requireOwn } from './ids.ts'
import { CreateSession, parseNewSession } from './parse-session.ts'
import { renderSession } from './render-session.ts'

const Nothing = openObject({})

export function registerSessions(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const one = '/sessions/:id'

  const answered = ({ snapshot }: Answer) => {
    if (snapshot.is !== 'session') throw new Error('a change of a session was answered with something else')
    return renderSession(snapshot, lookOf(deps))
  }

  api.post('/sessions', { schema: { body: CreateSession } }, async (request) =>
    answered(granted(await createSession(deps, callThrough(request), parseNewSession(request.body)))),
  )

  api.get(one, { schema: { params: Named } }, async (request) => {
    const view = await requireOwn(callerOf(request), 'session', request.params.id, storage.findSessionView)
    return renderSession({ ...view, captured: view.charge?.captured ?? 0n }, lookOf(deps))
  })

  api.post(`${one}/expire`, { schema: { params: Named, body: Nothing } }, async (request) => {
    const caller = callerOf(request)
    const { session } = await requireOwn(caller, 'session', request.params.id, storage.findSessionView)
    return answered(granted(await expireSession(deps, callThrough(request), session.id)))
  })
}
