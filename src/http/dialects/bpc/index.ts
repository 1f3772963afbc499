import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { newUuid } from '../../../core/ids.ts'
import { authorizationOf } from '../../authenticate.ts'
import { countHeader } from '../../edge.ts'
import { Refused } from '../../errors.ts'
import { type DoorDeps, type Manner, openDoor } from '../door.ts'
import { NAMES, spellFault } from './errors.ts'
import { registerPayments } from './payments.ts'
import { registerRefunds } from './refunds.ts'
import { registerSessions } from './sessions.ts'
import { settleVersion } from './versions.ts'

/** The door for clients of BPC's eCommerce API V2. */
export function openBpc(app: FastifyInstance, deps: DoorDeps): void {
  const manner: Manner = {
    door: 'bpc',
    keyOf,
    spell: spellFault,
    bodies: ['json'],
    names: NAMES,
    greet: (request, reply) => greet(deps, request, reply),
  }
  openDoor(app, deps, '/api2', manner, (api) => {
    registerSessions(api, deps)
    registerPayments(api, deps)
    registerRefunds(api, deps)
  })
}

/** The system's pages show the key in both headers; its own goes first. @throws Refused when one is there twice */
function keyOf(request: FastifyRequest): string | undefined {
  const { headers, rawHeaders } = request.raw
  const own = headers['x-api-key']
  if (countHeader(rawHeaders, 'x-api-key') > 1) {
    throw new Refused({ code: 'request_malformed', detail: 'it has more than one X-Api-Key header' })
  }
  return typeof own === 'string' && own !== '' ? own : authorizationOf(request)
}

/** Every answer is named and says its version. The name's form, letters and a UUID, is the system's. */
function greet({ env }: DoorDeps, request: FastifyRequest, reply: FastifyReply): void {
  reply.header('api-request-id', `req_${newUuid(env)}`)
  settleVersion(request, reply)
}
