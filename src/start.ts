import { isIPv6 } from 'node:net'
import type { Logger } from 'pino'
import { startStore } from '../examples/store/store.ts'
import { buildAssets } from './checkout/assets.ts'
import { registerCheckout } from './checkout/routes.ts'
import { type Config, type DatabaseUrls, originOf } from './config.ts'
import { sandboxConnector, tenantOfMerchant } from './connectors/sandbox/sandbox.ts'
import type { HttpClient } from './core/env.ts'
import { hookAddress, hookSecret } from './core/hook-address.ts'
import { isLive, type Tenant } from './core/ids.ts'
import { isLoopbackName } from './core/return-urls.ts'
import { followDatabaseClock, openDatabases } from './databases.ts'
import type { ProductionEnv } from './env.ts'
import { type DeliveryWorker, startDelivery } from './events/deliver.ts'
import { createEgress, type EgressPolicy } from './events/egress.ts'
import { makeSecretSealer } from './events/endpoint-secret.ts'
import { makeListenerSigner } from './events/listener-signer.ts'
import { type FirstAccount, firstAccount, pointEndpointAt } from './first-account.ts'
import { type Bell, openBell } from './flows/bell.ts'
import { expireDueSessions } from './flows/close-session.ts'
import { keepDeliveries } from './flows/endpoints/keep-deliveries.ts'
import { followNotices } from './flows/follow-notices.ts'
import { forgetOldKeys } from './flows/forget-keys.ts'
import { forgetOldNotices } from './flows/forget-notices.ts'
import { makeTails, type RequestTails } from './flows/listeners/tails.ts'
import { lookAgain } from './flows/look-again.ts'
import type { Payments } from './flows/pay.ts'
import { openReceipts } from './flows/receipts.ts'
import { sweepOrders } from './flows/sweep.ts'
import { registerApi } from './http/api/index.ts'
import { renderShaped } from './http/api/render/render-event.ts'
import { registerHooks } from './http/hooks/hooks.ts'
import { buildServer } from './http/server.ts'
import { type Round, type Rounds, startRounds } from './rounds.ts'
import { startSandboxBank } from './sandbox-bank/bank.ts'
import type { Faults } from './sandbox-bank/faults.ts'
import { loadSecrets, type Secrets } from './secrets.ts'
import { inTransaction } from './storage/commit.ts'
import type { Sql } from './storage/connect.ts'
import { lockDataFolder } from './storage/embedded/lock.ts'
import { listenForNumbers } from './storage/numbered.ts'
import { openStorage, type Storage } from './storage/storage.ts'
import { NAMED_TEST_CARDS, ODD_TEST_NUMBERS, TEST_CARD_GROUPS } from './test-cards.ts'
import { openVault } from './vault/vault.ts'

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
/** A card that no attempt has used up by then is shredded. */
const UNUSED_CARD_MS = 60 * 60 * 1000

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
    let notices: Rounds | undefined
    const flights = new Set<Promise<unknown>>()
    const publicUrl = () => config.publicUrl ?? bound
    const receipts = openReceipts({ env, storage, publicUrl, sealingKey: secrets.sealingKey })

    const app = buildServer({ env, log, publicUrl })
    registerApi(app, {
      ...payments.payments,
      bell,
      receipts,
      log,
      publicUrl,
      sealer,
      allowLoopbackEndpoints: isOnLoopback(config),
      cards: payments.vault,
      testCards: NAMED_TEST_CARDS,
      stripeCli: { signer: makeListenerSigner(env, secrets.sealingKey), tails },
    })
    registerHooks(app, {
      ...payments.payments,
      log,
      hookKey: secrets.hookKey,
      hookSecrets: (connector, tenant) => [hookSecret(secrets.hookKey, connector, tenant)],
      onKept: () => notices?.wake(),
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
      render: renderShaped(() => ({ publicUrl: publicUrl() })),
      log,
    })
    busy.push(delivery.stop)
    startWork(env, log, payments, databases.sql, tails, busy)
    notices = startRounds(env, log, {
      name: 'follow what providers tell',
      everyMs: 1_000,
      overlaps: true,
      work: async () => {
        // Where there was something there may be more.
        if ((await followNotices(payments.payments)) > 0) notices?.wake()
      },
    })
    busy.push(notices.stop)
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

/** A way out to nobody but the hosts that are added. */
const NOWHERE: EgressPolicy = { publicHosts: false, loopback: false, allowHosts: [] }

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

/**
 * Whether this is a developer's machine: shoppers could not reach it. A server on all addresses is reached by others, even
 * where nobody told it under which name.
 */
const isOnLoopback = ({ publicUrl, host }: Pick<Config, 'publicUrl' | 'host'>): boolean =>
  isLoopbackName(new URL(publicUrl ?? `http://${isIPv6(host) ? `[${host}]` : host}`).hostname)

/**
 * Where a tenant's events may go: to public hosts, and on a developer's machine, in test mode, to shops beside us. The
 * demo shop is ours, and hears of its own account's payments wherever it listens.
 */
export function webhookPolicy(
  config: Pick<Config, 'publicUrl' | 'host'>,
  tenant: Tenant,
  shopHost: string | undefined,
): EgressPolicy {
  return {
    publicHosts: true,
    loopback: !isLive(tenant) && isOnLoopback(config),
    allowHosts: shopHost === undefined ? [] : [shopHost],
  }
}

/** What runs beside the requests. */
function startWork(
  env: ProductionEnv,
  log: Logger,
  { payments, vault }: ReturnType<typeof openPayments>,
  sql: Sql,
  tails: RequestTails,
  busy: (() => Promise<unknown>)[],
): void {
  const work: readonly Round[] = [
    { name: 'expire sessions', everyMs: 1_000, work: () => expireDueSessions(payments) },
    { name: 'ask about orders', everyMs: 1_000, work: () => sweepOrders(payments), overlaps: true },
    { name: 'look at charges again', everyMs: 5_000, work: () => lookAgain(payments), overlaps: true },
    { name: 'show requests', everyMs: 250, work: tails.pass },
    { name: 'give up and forget old deliveries', everyMs: 60_000, work: () => keepDeliveries(payments) },
    { name: 'forget old idempotency keys', everyMs: 60_000, work: () => forgetOldKeys(payments) },
    { name: 'forget old notices', everyMs: 60_000, work: () => forgetOldNotices(payments) },
    { name: 'follow the database clock', everyMs: 60_000, work: () => followDatabaseClock(sql, env) },
    {
      name: 'shred unused cards',
      everyMs: 60_000,
      work: () => vault.forgetBefore(new Date(env.now().getTime() - UNUSED_CARD_MS)),
    },
  ]
  for (const round of work) busy.push(startRounds(env, log, round).stop)
}

/** Waits for work, but not for ever. */
async function within(env: ProductionEnv, limitMs: number, work: Promise<unknown>): Promise<void> {
  const ended = new AbortController()
  const limit = env.sleep(limitMs, ended.signal).catch(() => undefined)
  await Promise.race([work, limit])
  ended.abort()
}

function egress(env: ProductionEnv, policy: EgressPolicy): HttpClient {
  return createEgress({
    env,
    policy,
    assertNoTransaction: () => {
      if (inTransaction()) throw new Error('a network call inside a database transaction')
    },
  })
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
