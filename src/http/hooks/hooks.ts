import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { parseHookAddress } from '../../core/hook-address.ts'
import { isLive, type Tenant } from '../../core/ids.ts'
import { isBusy } from '../../core/overload.ts'
import type { Payments } from '../../flows/pay.ts'
import { type Listening, listeningConnector, takeNotice } from '../../flows/take-notice.ts'
import { errorFields, type Log } from '../log.ts'
import { Pace } from './pace.ts'

export type HookDeps = Pick<Payments, 'env' | 'storage' | 'connectors'> & {
  readonly log: Log
  /** Makes the addresses of hooks; see `core/hook-address.ts`. */
  readonly hookKey: Uint8Array
  /** What a provider may have signed a tenant's notices with. */
  readonly hookSecrets: (connector: string, tenant: Tenant) => readonly string[]
  /** A notice was kept: whoever asks about them need not wait for its next round. */
  readonly onKept: () => void
}

const BODY_LIMIT = 64 * 1024
/** A provider that has more to say to one account repeats itself later. */
const MOST_PER_SECOND = 200

/**
 * `POST /hooks/<connector>/<address>`: where providers tell us of what happened at their side. No API key opens it; what
 * comes in is signed. It is verified on its bytes before anything is kept, kept, and answered: what follows from it
 * follows later. Refusals have no words, so that whoever forges learns nothing.
 */
export function registerHooks(app: FastifyInstance, deps: HookDeps): void {
  const pace = new Pace(deps.env, MOST_PER_SECOND)
  const found = new WeakMap<FastifyRequest, { readonly connector: Listening; readonly tenant: Tenant }>()
  void app.register(
    async (hooks) => {
      hooks.removeAllContentTypeParsers()
      hooks.addContentTypeParser(
        'application/json',
        { parseAs: 'buffer', bodyLimit: BODY_LIMIT },
        (_: FastifyRequest, body: Buffer, done: (error: null, body: Buffer) => void) => done(null, body),
      )
      hooks.setErrorHandler((error, request, reply) => answerFailure(deps, error, request, reply))
      hooks.addHook('onRequest', async (request, reply) => {
        const addressed = addressee(deps, request)
        if (!addressed) return reply.code(404).send()
        if (!pace.allows(addressed.tenant)) return reply.code(429).header('retry-after', '1').send()
        found.set(request, addressed)
      })
      hooks.post('/:connector/:address', async (request, reply) => {
        const addressed = found.get(request)
        if (!addressed || !(request.body instanceof Uint8Array)) return reply.code(400).send()
        const { connector, tenant } = addressed
        const delivery = { tenant, body: request.body, headers: plainHeaders(request) }
        const taken = await takeNotice(deps, connector, delivery, deps.hookSecrets(connector.id, tenant))
        if (taken.is === 'kept') deps.onKept()
        if (taken.is !== 'refused') return reply.code(taken.is === 'no_tenant' ? 404 : 204).send()
        deps.log.info(
          { request_id: request.id, connector: connector.id, tenant, because: taken.because },
          'hook refused',
        )
        return reply.code(400).send()
      })
    },
    { prefix: '/hooks' },
  )
}

function addressee({ hookKey, connectors }: HookDeps, request: FastifyRequest) {
  const { connector: id = '', address = '' } = request.params as {
    readonly connector?: string
    readonly address?: string
  }
  const tenant = parseHookAddress(hookKey, id, address)
  const connector = tenant === undefined ? undefined : listeningConnector(connectors, id, isLive(tenant))
  return tenant === undefined || !connector ? undefined : { connector, tenant }
}

function plainHeaders({ headers }: FastifyRequest): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  )
}

/** What cannot be read is refused; what we cannot do now, the provider is asked to repeat. */
function answerFailure(deps: HookDeps, error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { statusCode } = error as { readonly statusCode?: number }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) return reply.code(statusCode).send()
  deps.log.error({ request_id: request.id, route: request.routeOptions.url, ...errorFields(error) }, 'a hook failed')
  return reply
    .code(isBusy(error) ? 503 : 500)
    .header('retry-after', '5')
    .send()
}
