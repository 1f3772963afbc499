import type { Logger } from 'pino'
import { startStore } from '../examples/store/store.ts'
import { type Background, startBackground } from './background.ts'
import { buildAssets } from './checkout/assets.ts'
import { registerCheckout } from './checkout/routes.ts'
import { type Config, type DatabaseUrls, originOf } from './config.ts'
import { sandboxConnector, tenantOfMerchant } from './connectors/sandbox/sandbox.ts'
import { type ErrorFacts, errorPageUrl } from './core/error-page.ts'
import { hookAddress, hookSecret } from './core/hook-address.ts'
import { isLive, type Tenant } from './core/ids.ts'
import { openDatabases } from './databases.ts'
import type { ProductionEnv } from './env.ts'
import { type DeliveryWorker, startDelivery } from './events/deliver.ts'
import { makeSecretSealer } from './events/endpoint-secret.ts'
import { makeListenerSigner } from './events/listener-signer.ts'
import { type FirstAccount, firstAccount, pointEndpointAt } from './first-account.ts'
import { type Bell, openBell } from './flows/bell.ts'
import { makeTails } from './flows/listeners/tails.ts'
import type { Payments } from './flows/pay.ts'
import { openReceipts } from './flows/receipts.ts'
import type { DoorsDeps } from './http/api/index.ts'
import { doorEvents } from './http/dialects/door-events.ts'
import { pagesOfDoors, registerDoors } from './http/doors.ts'
import { registerHooks } from './http/hooks/hooks.ts'
import { buildServer } from './http/server.ts'
import { startSandboxBank } from './sandbox-bank/bank.ts'
import type { Faults } from './sandbox-bank/faults.ts'
import { loadSecrets, type Secrets } from './secrets.ts'
import type { Sql } from './storage/connect.ts'
import { lockDataFolder } from './storage/embedded/lock.ts'
import { listenForNumbers } from './storage/numbered.ts'
import { openStorage, type Storage } from './storage/storage.ts'
import { NAMED_TEST_CARDS, ODD_TEST_NUMBERS, TEST_CARD_GROUPS } from './test-cards.ts'
import { openVault } from './vault/vault.ts'
import { egress, isOnLoopback, NOWHERE, webhookPolicy } from './ways-out.ts'

export type Running = {
  readonly url: string
  readonly bankUrl: string
  readonly storeUrl: string | undefined
  readonly first: FirstAccount | undefined
  readonly storage: Storage
  /** Resolves with a sentence when something we cannot do without ends by itself. */
  readonly ended: Promise<string>
  /** Finishes what is in flight, then stops all that was started, in the reverse order. */
  stop(): Promise<void>
}

/** For what is in flight, of the ten seconds that a supervisor grants; the rest is for the databases. */
const FINISH_MS = 6_500

/**
 * Wires every room and starts everything. Whatever fails half-way stops what was started before it.
 * @param trouble a plan by which the sandbox bank fails; tests pass one
 */
export async function startOpentill(
  config: Config,
  urls: DatabaseUrls,
  env: ProductionEnv,
  log: Logger,
  trouble?: Faults,
): Promise<Running> {
  /** What takes and does work: stopped together, each finishing what it has in hand. */
  const busy: (() => Promise<unknown>)[] = []
  /** What the work stands on: stopped after it, the last one first. */
  const ground: (() => Promise<unknown>)[] = []
  const stop = async () => {
    await within(env, FINISH_MS, Promise.allSettled(busy.splice(0).map((end) => end())))
    for (const end of ground.splice(0).reverse()) await end()
  }
  try {
    return await startAll()
  } catch (error) {
    await stop()
    throw error
  }

  async function startAll(): Promise<Running> {
    const lock = lockDataFolder(config.dataDir)
    ground.push(async () => lock.release())
    const databases = await openDatabases(config, urls, env, lock)
    ground.push(databases.stop)
    const secrets = await loadSecrets(config.dataDir, env)
    let bound = originOf(config.host, config.port)
    let listening = false
    const bank = await startSandboxBank({
      sql: databases.bankSql,
      env,
      host: config.bankHost,
      port: config.bankPort,
      log,
      // What the bank has to say it says to us, wherever we listen, and to nobody else.
      http: egress(env, {
        ...NOWHERE,
        get allowHosts() {
          return [new URL(bound).host]
        },
      }),
      standing: (merchant) => (listening ? hookOf(secrets, bound, merchant) : undefined),
      ...(config.bankPublicUrl === undefined ? {} : { publicUrl: config.bankPublicUrl }),
      ...(config.bankAdminToken === undefined ? {} : { adminToken: config.bankAdminToken }),
      ...(trouble ? { faults: trouble } : {}),
    })
    ground.push(bank.stop)

    const storage = tellingStorage(databases.sql, () => delivery?.wake())
    const payments = openPayments(env, storage, databases.sql, secrets, bank.url)
    const sealer = makeSecretSealer(env, secrets.sealingKey)
    const tails = makeTails(payments.payments)
    const bell = await hungBell(env, databases.sql, log)
    let delivery: DeliveryWorker | undefined
    let background: Background | undefined
    const flights = new Set<Promise<unknown>>()
    const publicUrl = () => config.publicUrl ?? bound
    const eventDoors = doorEvents(() => ({ publicUrl: publicUrl() }), sealer.open)
    const receipts = openReceipts({ env, storage, publicUrl, sealingKey: secrets.sealingKey })

    const app = buildServer({ env, log, publicUrl, parametersKey: secrets.parametersKey })
    const doors: DoorsDeps = {
      ...payments.payments,
      bell,
      receipts,
      log,
      publicUrl,
      parametersKey: secrets.parametersKey,
      sealer,
      doors: eventDoors,
      allowLoopbackEndpoints: isOnLoopback(config),
      cards: payments.vault,
      cookieKey: secrets.cookieKey,
      testCards: NAMED_TEST_CARDS,
      stripeCli: { signer: makeListenerSigner(env, secrets.sealingKey), tails },
    }
    registerDoors(app, doors, config.doors)
    const errorPage = errorPageOf(secrets, publicUrl, config.doors.includes('ozura'))
    registerHooks(app, {
      ...payments.payments,
      log,
      hookKey: secrets.hookKey,
      hookSecrets: (connector, tenant) => [hookSecret(secrets.hookKey, connector, tenant)],
      onKept: () => background?.noticeKept(),
    })
    registerCheckout(app, {
      payments: payments.payments,
      receipts,
      cards: payments.vault,
      assets: await buildAssets(),
      origins: {
        get publicOrigin() {
          return publicUrl()
        },
        get vaultOrigin() {
          return config.vaultOrigin ?? publicUrl()
        },
      },
      ...pagesOfDoors({ ...payments.payments, publicUrl, ...errorPage.told }, config.doors),
      ...errorPage.kept,
      oddTestNumbers: ODD_TEST_NUMBERS,
      testCardGroups: TEST_CARD_GROUPS,
      track: (work) => {
        flights.add(work)
        const done = () => flights.delete(work)
        work.then(done, (error: unknown) => {
          done()
          log.error({ err: error }, 'an attempt to pay ended without an answer; it will be asked about')
        })
      },
      log,
    })
    await app.listen({ host: config.host, port: config.port })
    busy.push(() => app.close().then(() => Promise.allSettled(flights)))
    bound = originOf(config.host, portOf(app.server.address()))
    listening = true

    const first = await firstAccount(payments.payments, config.dataDir)
    const shopHosts = new Map<Tenant, string>()
    delivery = startDelivery({
      env,
      storage,
      egressFor: (tenant) =>
        egress(env, {
          ...webhookPolicy(config, tenant, shopHosts.get(tenant)),
          never: [publicUrl(), bound, bank.url],
        }),
      sealer,
      doors: eventDoors,
      log,
    })
    busy.push(delivery.stop)
    background = startBackground({ env, log, sql: databases.sql, ...payments, tails })
    busy.push(background.stop)
    const store = first
      ? await startStore({
          host: config.storeHost,
          port: config.storePort,
          opentill: { ...splitOrigin(bound), payOrigin: publicUrl(), ...first.keys },
          log: (message) => log.info({ shop: true }, message),
        })
      : undefined
    if (store) busy.push(store.stop)
    if (first && store) shopHosts.set(first.tenant, new URL(store.url).host)
    if (first && store) await pointEndpointAt(payments.payments, sealer, first, `${store.url}/webhook`)
    return { url: publicUrl(), bankUrl: bank.url, storeUrl: store?.url, first, storage, ended: databases.ended, stop }
  }
}

/**
 * Where the sandbox bank tells of a test account, and what it signs with: it follows from our key and the account alone, so
 * that it is the same after every start and there for every account, whoever opens it. A sandbox knows no live account.
 */
export function hookOf({ hookKey }: Pick<Secrets, 'hookKey'>, origin: string, merchant: string) {
  const tenant = tenantOfMerchant(merchant)
  if (tenant === undefined || isLive(tenant)) return undefined
  const url = `${origin}/hooks/sandbox/${hookAddress(hookKey, 'sandbox', tenant)}`
  return { url, secret: hookSecret(hookKey, 'sandbox', tenant) }
}

/** Of the page for errors without a session: what doors know of it, and what the page keeps. Only Ozura's shops know it. */
function errorPageOf({ addressProofKey }: Secrets, publicUrl: () => string, isWanted: boolean) {
  if (!isWanted) return { told: {}, kept: {} }
  return {
    told: { errorPageUrl: (facts: ErrorFacts) => errorPageUrl(publicUrl(), addressProofKey, facts) },
    kept: { errorPageKey: addressProofKey },
  }
}

function openPayments(env: ProductionEnv, storage: Storage, sql: Sql, secrets: Secrets, bankUrl: string) {
  const http = egress(env, { ...NOWHERE, allowHosts: [new URL(bankUrl).host] })
  const vault = openVault({
    env,
    sql,
    ring: { wrapping: secrets.vaultKeys, fingerprint: secrets.fingerprintKey },
    http,
    allowedOrigins: [bankUrl],
    testNumbers: new Set(ODD_TEST_NUMBERS),
  })
  const payments: Payments = {
    env,
    storage,
    connectors: [sandboxConnector(bankUrl)],
    outside: { http, sendCard: vault.send },
    forgetCard: vault.forget,
  }
  return { vault, payments }
}

/** A commit that tells events wakes the worker that delivers them: a shop hears of its payment at once. */
function tellingStorage(sql: Sql, wake: () => void): Storage {
  const storage = openStorage(sql)
  return {
    ...storage,
    async commit(set) {
      const committed = await storage.commit(set)
      if (committed.ok && set.events?.length) wake()
      return committed
    },
  }
}

/** Where the database tells nobody anything, a pooler is in between for example, whoever waits looks every few seconds. */
async function hungBell(env: ProductionEnv, sql: Sql, log: Logger): Promise<Bell> {
  const bell = openBell(env)
  await listenForNumbers(sql, bell.ring).catch((error: unknown) =>
    log.error({ err: error }, 'the database cannot be listened to; what waits for events looks for itself'),
  )
  return bell
}

/** Waits for work, but not for ever. */
async function within(env: ProductionEnv, limitMs: number, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController()
  const limit = env.sleep(limitMs, ended.signal).catch(() => undefined)
  await Promise.race([work, limit])
  ended.abort()
}

function portOf(address: ReturnType<import('node:net').Server['address']>): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** As the SDK's options take it. */
function splitOrigin(origin: string): { host: string; port: number; protocol: 'http' | 'https' } {
  const url = new URL(origin)
  const protocol = url.protocol === 'https:' ? 'https' : 'http'
  return { host: url.hostname, port: Number(url.port || (protocol === 'https' ? 443 : 80)), protocol }
}
