import type { FastifyInstance, FastifyRequest } from 'fastify'
import { liveTenant } from '../../../core/ids.ts'
import { callOffSession, expireSession } from '../../../flows/close-session.ts'
import { createSession } from '../../../flows/create-session.ts'
import type { Answer } from '../../../flows/once.ts'
import type { SessionView } from '../../../storage/sessions.ts'
import { callerOf } from '../../api/api.ts'
import { Refused } from '../../errors.ts'
import { openObject } from '../../parameters/fields.ts'
import { callThrough, type DoorDeps, granted, openDoor } from '../door.ts'
import { registerDashboard } from './dashboard.ts'
import { findOpenCheckout } from './find-session.ts'
import { listSessions } from './list-sessions.ts'
import { OPENCHECKOUT } from './manner.ts'
import { CreateSession, ListSessions } from './parameters.ts'
import { parseNewSession } from './parse-session.ts'
import { recoverSession } from './recover.ts'
import { renderSession } from './render-session.ts'

/** OpenCheckout's merchant API, release 0.2: its clients come with nothing changed but the base URL. */
export function registerOpenCheckout(app: FastifyInstance, deps: DoorDeps): void {
  openDoor(app, deps, '/api/checkout/sessions', OPENCHECKOUT, (api) => {
    for (const path of ['/', '/:id', '/:id/*']) {
      api.options(path, { config: { keyless: true } }, async () => {
        throw new Refused({ code: 'origin_refused' })
      })
    }

    api.post('/', { schema: { body: CreateSession } }, async (request, reply) => {
      const input = parseNewSession(request.body, deps.env.now())
      const answer = granted(await createSession(deps, callThrough(request), input))
      return reply.code(201).send(shown(deps, answer))
    })

    api.get('/', { schema: { querystring: ListSessions } }, async (request) =>
      listSessions(deps, callerOf(request).tenant, request.query),
    )

    api.get('/:id', async (request) => renderView(deps, await ownSession(deps, request)))

    api.post('/:id/expire', { schema: { body: Nothing } }, async (request) => {
      const { session } = await ownSession(deps, request)
      return shown(deps, granted(await expireSession(deps, callThrough(request), session.id)))
    })

    api.post('/:id/cancel', { schema: { body: Nothing } }, async (request) => {
      const { session } = await ownSession(deps, request)
      return shown(deps, granted(await callOffSession(deps, callThrough(request), session.id)))
    })

    const anybody = { config: { keyless: true as const }, schema: { body: Nothing } }
    api.post('/:id/recover', anybody, async (request) => recoverSession(deps, await anySession(deps, request)))
  })

  registerDashboard(app, deps)
  openDoor(app, deps, '/api/maintenance', OPENCHECKOUT, (api) => {
    // The system runs its chores from outside, by a secret; ours run by themselves, so there is none.
    api.post('/', { config: { keyless: true } }, async (_, reply) =>
      reply.code(503).send({ error: { type: 'api_error', message: 'Maintenance runs by itself here.' } }),
    )
  })
  openDoor(app, deps, '/api/health', OPENCHECKOUT, (api) => {
    const startedMs = deps.env.monotonicMs()
    api.get('/', { config: { keyless: true } }, async (_, reply) => {
      const uptime = Math.floor((deps.env.monotonicMs() - startedMs) / 1000)
      // Anybody may ask, so it costs one look into an index, however many accounts there are.
      const ready = await deps.storage.findAccount(liveTenant(0)).then(
        () => true,
        () => false,
      )
      const [status, database] = ready ? ['healthy', 'ready'] : ['unhealthy', 'unavailable']
      return reply.code(ready ? 200 : 503).send({ status, database, uptime, version: VERSION })
    })
  })
}

const Nothing = openObject({})
/** The release whose clients this door is for. */
const VERSION = '0.2.0'

function shown(deps: DoorDeps, { snapshot }: Answer) {
  if (snapshot.is !== 'session') throw new Error('a change of a session answered with something else')
  return renderSession(snapshot, deps.publicUrl())
}

export function renderView(deps: Pick<DoorDeps, 'publicUrl'>, { session, charge }: SessionView) {
  const waiting = charge?.state === 'requires_action'
  return renderSession({ session, captured: charge?.captured ?? 0n, waiting }, deps.publicUrl())
}

/** Another account's session looks like none. */
async function ownSession(deps: DoorDeps, request: FastifyRequest): Promise<SessionView> {
  const view = await anySession(deps, request)
  return view.session.tenant === callerOf(request).tenant ? view : missing(request)
}

async function anySession(deps: DoorDeps, request: FastifyRequest): Promise<SessionView> {
  return (await findOpenCheckout(deps.storage, idOf(request))) ?? missing(request)
}

const idOf = (request: FastifyRequest): string => (request.params as { readonly id: string }).id

function missing(request: FastifyRequest): never {
  throw new Refused({ code: 'resource_missing', detail: idOf(request) })
}
