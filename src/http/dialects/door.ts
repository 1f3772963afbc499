import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parseForm } from '../../core/form.ts'
import type { JsonOptions } from '../../core/json.ts'
import type { Dialect } from '../../core/session.ts'
import type { Call } from '../../flows/call.ts'
import type { Refusal, Result } from '../../flows/refusals.ts'
import { faultOf, waitFor } from '../answer-error.ts'
import type { Api, ApiDeps } from '../api/api.ts'
import { callerOf } from '../api/api.ts'
import { provenBy, through } from '../authenticate.ts'
import { type Fault, messageOf, Refused, shown, statusOf } from '../errors.ts'
import { claimFor, claimKey } from '../idempotency.ts'
import { errorFields } from '../log.ts'
import { type BodyForm, checkShapes, queryOf, readBodies, refuseEncoding, type Unread } from '../unread.ts'

/** What a door needs of the world: what the native one does. */
export type DoorDeps = ApiDeps

/** What went wrong, with our status and sentence; a door says it in its own shape. */
export type DoorFault = {
  readonly code: Fault['code']
  readonly status: number
  readonly message: string
  /** The field in the door's own name, in brackets: `items[0][price]`. */
  readonly param: string | undefined
  /** What the sentence quotes: short, and without card numbers. */
  readonly detail: string | undefined
}

/** How one door speaks. All else is the routes' business. */
export type Manner = {
  readonly door: Dialect
  /** The key, from the door's own headers. @throws Refused when it is there twice */
  keyOf(request: FastifyRequest): string | undefined
  /** A second key, where the door asks for one: as good as the first, and of the same account and mode. */
  secondKeyOf?(request: FastifyRequest): string | undefined
  /** A fault on the wire. */
  spell(fault: DoorFault, request: FastifyRequest): { readonly status: number; readonly body: object }
  readonly bodies: readonly BodyForm[]
  readonly json?: JsonOptions
  readonly bodyLimit?: number
  /** The door's names of fields that flows refuse by the native ones: `success_url` to `successUrl`. */
  readonly names?: Readonly<Record<string, string>>
  /** Headers of every answer, and whatever else comes before all. @throws Refused */
  greet?(request: FastifyRequest, reply: FastifyReply): void
  /** The paths beside it are not all this door's, so what is unknown here is not its to answer. */
  readonly sharesRoot?: true
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Anybody may ask: what opens the object stands in the path. */
    readonly keyless?: true
    /** The door that a route belongs to, where it is not the native one. */
    readonly door?: Dialect
  }
}

/** Opens a door under a root: bodies, keys, schemas and errors in its manner, for the routes that are registered in it. */
export function openDoor(
  app: FastifyInstance,
  deps: DoorDeps,
  root: string,
  manner: Manner,
  routes: (api: Api) => void,
): void {
  void app.register(
    async (plain) => {
      const api: Api = plain.withTypeProvider()
      api.addHook('onRoute', (route) => {
        route.config = { ...route.config, door: manner.door }
      })
      readBodies(api, deps, manner.bodies, manner.json)
      checkShapes(api, deps)
      api.setErrorHandler((error, request, reply) => answerFault(deps, manner, error, request, reply))
      if (!manner.sharesRoot) {
        api.setNotFoundHandler((request, reply) => {
          const path = (request.raw.url ?? '').split('?', 1)[0] ?? ''
          sendFault(manner, { code: 'url_unknown', detail: `${request.method}: ${path}` }, request, reply)
        })
      }
      api.addHook('onRequest', async (request, reply) => {
        manner.greet?.(request, reply)
        refuseEncoding(request)
        if (!request.is404) await admit(deps, manner, request)
        request.query = { from: 'form', parsed: parseForm(queryOf(request)) } satisfies Unread
      })
      routes(api)
    },
    { prefix: root },
  )
}

/** Who comes with a key is known by it, even where none is needed. */
async function admit(deps: DoorDeps, manner: Manner, request: FastifyRequest): Promise<void> {
  const text = manner.keyOf(request)
  if (text === undefined && request.routeOptions.config.keyless) return
  const facts = await provenBy(text, deps)
  const second = manner.secondKeyOf ? await provenBy(manner.secondKeyOf(request), deps) : facts
  if (second.tenant !== facts.tenant) throw new Refused({ code: 'api_key_invalid', detail: 'keys of two accounts' })
  if (!facts.dialects.includes(manner.door)) throw new Refused({ code: 'door_closed', detail: manner.door })
  request.caller = through(manner.door, facts)
}

function answerFault(deps: DoorDeps, manner: Manner, error: unknown, request: FastifyRequest, reply: FastifyReply) {
  const fault = faultOf(error) ?? ({ code: 'internal_error' } as const)
  if (fault.code === 'internal_error' || fault.code === 'overloaded') {
    deps.log.error({ request_id: request.id, route: request.routeOptions?.url, ...errorFields(error) }, fault.code)
  }
  sendFault(manner, fault, request, reply)
}

function sendFault(manner: Manner, fault: Fault, request: FastifyRequest, reply: FastifyReply): void {
  const param = fault.param === undefined ? undefined : renamed(fault.param, manner.names ?? {})
  const named: Fault = param === undefined ? fault : { ...fault, param }
  const { code } = fault
  const detail = fault.detail === undefined ? undefined : shown(fault.detail)
  const text = messageOf(named)
  // Not every door has a place for the field beside the sentence.
  const message = param === undefined || text.includes(param) ? text : `${param}: ${text}`
  const spelled = manner.spell({ code, status: statusOf(fault), message, param, detail }, request)
  const wait = waitFor(fault)
  if (wait !== undefined) reply.header('retry-after', wait)
  reply
    .code(spelled.status)
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => String(body))
    .send(JSON.stringify(spelled.body))
}

/** `line_items[0][price]` under the name that the longest beginning of it has at this door. */
function renamed(param: string, names: Readonly<Record<string, string>>): string {
  const plain = param.replace(/\[\d+\]/g, '[]')
  const begins = (name: string) => plain === name || plain.startsWith(`${name}[`)
  const known = Object.keys(names)
    .filter(begins)
    .toSorted((a, b) => b.length - a.length)[0]
  if (known === undefined) return param
  const indexes = [...param.matchAll(/\[(\d+)\]/g)].map(([, index]) => index)
  const spelled = (names[known] ?? '') + plain.slice(known.length)
  return spelled.replace(/\[\]/g, () => `[${indexes.shift() ?? ''}]`)
}

/** The request behind a change. @param key where the door has it in another place than the header `Idempotency-Key` */
export function callThrough(request: FastifyRequest, key?: string): Call {
  const claim = key === undefined ? claimKey(request, request.body) : claimFor(request, key, request.body)
  return { caller: callerOf(request), requestId: request.id, key: claim }
}

/** What a flow answered. @throws Refused its refusal, for the door to spell */
export function granted<T>(result: Result<T>): T {
  if (result.ok) return result.value
  throw new Refused(result.refusal satisfies Refusal)
}
