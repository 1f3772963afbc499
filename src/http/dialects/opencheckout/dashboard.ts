import type { FastifyInstance } from 'fastify'
import type { ApiKey, Caller } from '../../../core/account.ts'
import { nameOf, parseName } from '../../../core/ids.ts'
import { createKey, revokeKey } from '../../../flows/open-account.ts'
import { provenBy, through } from '../../authenticate.ts'
import { Refused } from '../../errors.ts'
import { Pace } from '../../pace.ts'
import { flag, openObject, optional, text, unsettable } from '../../parameters/fields.ts'
import { type DoorDeps, type Manner, openDoor } from '../door.ts'
import { callerByCookie, checkOrigin, cookieFor, findCaller, noCookie } from './dashboard-cookie.ts'
import { changeWebhook, readWebhook } from './dashboard-webhook.ts'
import { listSessions } from './list-sessions.ts'
import { OPENCHECKOUT } from './manner.ts'

/** Guesses at a key, per address and minute: the system's own limit is ten in fifteen. */
const SIGN_INS_PER_MINUTE = 10

const SignIn = openObject({ api_key: text(200) })
const NewKey = openObject({ name: text(80) })
const ChangeSettings = openObject({ webhook_url: unsettable(text(2048)), regenerate_secret: optional(flag()) })

/** What OpenCheckout's dashboard calls: errors have a message and no type there. */
const DASHBOARD: Manner = {
  ...OPENCHECKOUT,
  keyOf: () => undefined,
  spell: (fault, request) => {
    const { status, body } = OPENCHECKOUT.spell(fault, request)
    const { message } = (body as { readonly error: { readonly message: string } }).error
    return {
      status,
      body: { error: { message: fault.code === 'origin_refused' ? 'Invalid request origin' : message } },
    }
  },
}

export function registerDashboard(app: FastifyInstance, deps: DoorDeps): void {
  const pace = new Pace(deps.env, SIGN_INS_PER_MINUTE)
  openDoor(app, deps, '/api/dashboard', DASHBOARD, (api) => {
    const config = { keyless: true as const }

    api.post('/session', { config, schema: { body: SignIn } }, async (request, reply) => {
      checkOrigin(deps, request)
      pace.spend(request.ip)
      const facts = await provenBy(request.body.api_key, deps)
      if (!facts.dialects.includes('opencheckout')) throw new Refused({ code: 'door_closed', detail: 'opencheckout' })
      const caller = through('opencheckout', facts)
      reply.header('set-cookie', cookieFor(deps, caller))
      return { authenticated: true, merchant: await merchantOf(deps, caller) }
    })
    api.get('/session', { config }, async (request) => {
      const caller = await findCaller(deps, request)
      return caller ? { authenticated: true, merchant: await merchantOf(deps, caller) } : { authenticated: false }
    })
    api.delete('/session', { config }, async (request, reply) => {
      checkOrigin(deps, request)
      reply.header('set-cookie', noCookie(deps))
      return { authenticated: false }
    })

    api.get('/sessions', { config, schema: { querystring: Page } }, async (request) => {
      const { tenant } = await callerByCookie(deps, request)
      return listSessions(deps, tenant, { limit: '50', ...request.query })
    })

    api.get('/keys', { config }, async (request) => {
      const caller = await callerByCookie(deps, request)
      return { object: 'list', data: (await liveKeys(deps, caller)).map(renderKey) }
    })
    api.post('/keys', { config, schema: { body: NewKey } }, async (request, reply) => {
      checkOrigin(deps, request)
      const caller = await callerByCookie(deps, request)
      if ((await liveKeys(deps, caller)).length >= MOST_KEYS) throw new Refused({ code: 'too_many_keys' })
      const { row, text: plaintext } = await createKey(deps, caller.tenant, 'secret', 'opencheckout', request.body.name)
      return reply.code(201).send({ ...renderKey(row), plaintext })
    })
    api.delete('/keys', { config, schema: { querystring: ById } }, async (request) => {
      checkOrigin(deps, request)
      const caller = await callerByCookie(deps, request)
      const keys = await liveKeys(deps, caller)
      const named = parseName('key', request.query.id)
      const key = keys.find(({ id, tenant }) => id === named?.id && tenant === named.tenant)
      if (!key) throw new Refused({ code: 'resource_missing', param: 'id', detail: request.query.id })
      if (keys.length === 1) throw new Refused({ code: 'last_key' })
      await revokeKey(deps, key.tenant, key.id)
      return { success: true }
    })

    api.get('/settings', { config }, async (request) => readWebhook(deps, (await callerByCookie(deps, request)).tenant))
    api.post('/settings', { config, schema: { body: ChangeSettings } }, async (request) => {
      checkOrigin(deps, request)
      return changeWebhook(deps, request, await callerByCookie(deps, request), request.body)
    })
  })
}

const Page = openObject({ limit: optional(text(20)), cursor: optional(text(200)) })
const ById = openObject({ id: text(100) })
const MOST_KEYS = 500

async function liveKeys({ storage }: DoorDeps, { tenant }: Caller): Promise<readonly ApiKey[]> {
  const keys = await storage.listKeys(tenant)
  return keys.filter((key) => key.tenant === tenant && key.kind === 'secret' && key.revokedAt === null)
}

function renderKey(key: ApiKey) {
  const { tenant, id, name, hint, createdAt } = key
  return { id: nameOf('key', tenant, id), name, hint, created_at: createdAt.toISOString() }
}

async function merchantOf({ storage }: DoorDeps, { tenant }: Caller) {
  const account = await storage.findAccount(tenant)
  if (!account) throw new Error('a key without an account')
  return { id: nameOf('account', account.tenant, account.id), name: account.name }
}
