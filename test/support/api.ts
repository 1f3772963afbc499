import type { FastifyInstance, RouteOptions } from 'fastify'
import Stripe from 'stripe'
import { newApiKey } from '../../src/core/api-key.ts'
import { liveTenant, newUuid, type Tenant, testTenant } from '../../src/core/ids.ts'
import { DIALECTS } from '../../src/core/session.ts'
import { makeSecretSealer } from '../../src/events/endpoint-secret.ts'
import { makeListenerSigner } from '../../src/events/listener-signer.ts'
import { openBell } from '../../src/flows/bell.ts'
import { makeTails } from '../../src/flows/listeners/tails.ts'
import { openReceipts } from '../../src/flows/receipts.ts'
import type { ApiDeps, DoorsDeps } from '../../src/http/api/index.ts'
import { doorEvents } from '../../src/http/dialects/door-events.ts'
import { registerDoors } from '../../src/http/doors.ts'
import { buildServer } from '../../src/http/server.ts'
import { openStorage } from '../../src/storage/storage.ts'
import { NAMED_TEST_CARDS } from '../../src/test-cards.ts'
import { openVault } from '../../src/vault/vault.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { testEnv } from './env.ts'

export type TestKeys = {
  readonly secret: string
  readonly publishable: string
  readonly live: string
  readonly tenant: Tenant
}

const refuseOutside = async (): Promise<never> => {
  throw new Error('nothing leaves this API')
}

/** The API over the real storage: by `inject`, or on a port for the SDK. */
export async function startTestApi(
  file: string,
  over: Partial<Omit<DoorsDeps, 'env'>> = {},
  more: (app: FastifyInstance, deps: ApiDeps) => void = () => {},
) {
  const database: TestDatabase = await testDatabase(file)
  const env = testEnv()
  const storage = openStorage(database.sql)
  const vault = openVault({
    env,
    sql: database.sql,
    ring: { wrapping: new Map([[1, env.randomBytes(32)]]), fingerprint: env.randomBytes(32) },
    http: refuseOutside,
    allowedOrigins: [],
    testNumbers: new Set(),
  })
  const logged: string[] = []
  const note = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const deps: DoorsDeps = {
    env,
    storage,
    connectors: [],
    bell: openBell(env),
    receipts: openReceipts({
      env,
      storage,
      publicUrl: () => 'https://pay.example',
      sealingKey: env.randomBytes(32),
    }),
    outside: { http: refuseOutside, sendCard: refuseOutside },
    forgetCard: refuseOutside,
    cards: vault,
    cookieKey: env.randomBytes(32),
    parametersKey: new Uint8Array(32).fill(7),
    testCards: NAMED_TEST_CARDS,
    log: { info: note, error: note },
    publicUrl: () => 'https://pay.example',
    sealer: makeSecretSealer(env, env.randomBytes(32)),
    doors: doorEvents(() => ({ publicUrl: 'https://pay.example' })),
    stripeCli: { signer: makeListenerSigner(env, env.randomBytes(32)), tails: makeTails({ env, storage }) },
    checkReplies: true,
    ...over,
  }
  const app = buildServer(deps)
  const all: RouteOptions[] = []
  app.addHook('onRoute', (route) => void all.push(route))
  more(app, registerDoors(app, deps, DIALECTS))
  await app.ready()
  const routes = all.map(({ method, url, config }) => ({ method: String(method), url, door: config?.door }))
  let accounts = 0

  /** An account with a key of each sort. */
  async function openAccount(): Promise<TestKeys> {
    const number = ++accounts
    const made = {
      secret: newApiKey(env, testTenant(number), 'secret'),
      publishable: newApiKey(env, testTenant(number), 'publishable'),
      live: newApiKey(env, liveTenant(number), 'secret'),
    }
    await storage.insertAccount(
      {
        tenant: liveTenant(number),
        id: newUuid(env),
        version: 1,
        name: `Shop ${number}`,
        createdAt: env.now(),
        settings: { live: {}, test: {} },
      },
      Object.entries(made).map(([name, key]) => ({
        tenant: name === 'live' ? liveTenant(number) : testTenant(number),
        id: newUuid(env),
        version: 1,
        kind: name === 'publishable' ? ('publishable' as const) : ('secret' as const),
        door: 'native' as const,
        name,
        hash: key.hash,
        hint: key.hint,
        createdAt: env.now(),
        revokedAt: null,
      })),
    )
    const text = { secret: made.secret.text, publishable: made.publishable.text, live: made.live.text }
    return { ...text, tenant: testTenant(number) }
  }

  return {
    app,
    deps,
    env,
    storage,
    logged,
    /** Every route there is, `HEAD` ones too, and the door that it belongs to, where it is not the native one. */
    routes,
    sql: database.sql,
    openAccount,
    /** One request, as a plain client sends it: a text is a form, an object JSON. */
    async ask(key: string | undefined, method: string, url: string, body?: string | object, headers: object = {}) {
      const form = typeof body === 'string'
      const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
      const reply = await app.inject({
        method: method as 'GET',
        url,
        headers: {
          ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
          ...(body === undefined ? {} : { 'content-type': type }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: body }),
      })
      const json = reply.body !== '' && reply.headers['content-type']?.toString().startsWith('application/json')
      return {
        status: reply.statusCode,
        headers: reply.headers,
        text: reply.body,
        json: json ? reply.json() : undefined,
      }
    },
    /** The official SDK, pointed here. */
    async sdk(key: string): Promise<Stripe> {
      if (!app.server.listening) await app.listen({ host: '127.0.0.1', port: 0 })
      const address = app.server.address()
      const port = typeof address === 'object' && address ? address.port : 0
      return new Stripe(key, { host: '127.0.0.1', port, protocol: 'http', telemetry: false, maxNetworkRetries: 0 })
    },
    async stop() {
      await app.close()
      await database.drop()
    },
  }
}
