import type { FastifyInstance } from 'fastify'
import { settingsOf } from '../../../core/account.ts'
import { createSession } from '../../../flows/create-session.ts'
import { Refused } from '../../errors.ts'
import { callThrough, type DoorDeps, openDoor } from '../door.ts'
import { findOzura } from './ids.ts'
import { OZURA } from './manner.ts'
import { CreateSession } from './parameters.ts'
import { parseNewSession } from './parse-session.ts'
import { renderCreated, renderSession } from './render-session.ts'

/** Ozura Checkout's merchant API: its clients come with nothing changed but the base URL and the keys. */
export function openOzura(app: FastifyInstance, deps: DoorDeps): void {
  openDoor(app, deps, '/api/sessions', OZURA, (api) => {
    api.post('/create', { schema: { body: CreateSession } }, async (request) => {
      const { body } = request
      const made = await createSession(
        deps,
        callThrough(request, body.idempotencyKey),
        parseNewSession(body, deps.publicUrl()),
      )
      if (!made.ok) throw new Refused(basketFault(made.refusal, body.items === undefined ? 'amount' : 'items'))
      const { snapshot } = made.value
      if (snapshot.is !== 'session') throw new Error('a new session answered with something else')
      return { success: true, data: renderCreated(snapshot.session, deps.publicUrl()) }
    })

    api.get('/:id', { config: { keyless: true } }, async (request) => {
      const { id } = request.params as { readonly id: string }
      const found = await findOzura(deps.storage, id)
      const closed = found && settingsOf(found.account, found.session.tenant).doors?.includes('ozura') === false
      if (!found || closed) throw new Refused({ code: 'resource_missing', detail: 'session' })
      return { success: true, data: { session: renderSession(found, deps.publicUrl()) } }
    })
  })
}

/** What a flow says of our lines is said of the field that they came in. */
function basketFault(fault: Refused['fault'], field: 'amount' | 'items'): Refused['fault'] {
  const { param } = fault
  if (!param?.startsWith('line_items')) return fault
  return { ...fault, param: field === 'amount' ? field : param.replace(/^line_items/, field) }
}
