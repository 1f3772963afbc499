import { rmSync } from 'node:fs'
import Stripe from 'stripe'
import type { Config } from '../../src/config.ts'
import { DIALECTS } from '../../src/core/session.ts'
import { makeEnv, type ProductionEnv } from '../../src/env.ts'
import type { Faults } from '../../src/sandbox-bank/faults.ts'
import { startOpentill } from '../../src/start.ts'
import type { Sql } from '../../src/storage/connect.ts'
import { testDatabase } from './database.ts'
import { temporaryFolder } from './folder.ts'
import { captureLog } from './log.ts'

/** Opens the back office of a test's sandbox bank. */
export const BANK_TOKEN = 'the-manager-of-the-bank'

export type RunningOpentill = {
  readonly url: string
  readonly storeUrl: string
  readonly bankUrl: string
  readonly secretKey: string
  readonly publishableKey: string
  readonly webhookSecret: string
  /** The official SDK, pointed at us, under the first account's secret key. */
  readonly stripe: Stripe
  readonly sql: Sql
  readonly bankSql: Sql
  /** What somebody at the bank does, by its back office. */
  atTheBank(path: string, body: object): Promise<Readonly<Record<string, unknown>>>
  /** Every line that anything of it logged, at trace level. */
  readonly logged: readonly string[]
  stop(): Promise<void>
}

export type Choices = {
  readonly faults?: Faults
  readonly env?: ProductionEnv
  readonly config?: Partial<Config>
}

/** The whole product as `npm start` runs it, on ports and databases of the test file's own. */
export async function startTestOpentill(file: string, choices: Choices = {}): Promise<RunningOpentill> {
  const main = await testDatabase(file)
  const bank = await testDatabase(file, { migrated: false })
  const dataDir = temporaryFolder()
  const { log, logged } = captureLog()
  const config: Config = {
    host: '127.0.0.1',
    port: 0,
    bankHost: '127.0.0.1',
    bankPort: 0,
    bankPublicUrl: undefined,
    bankAdminToken: BANK_TOKEN,
    storeHost: '127.0.0.1',
    storePort: 0,
    dataDir,
    publicUrl: undefined,
    vaultOrigin: undefined,
    doors: DIALECTS,
    logLevel: 'trace',
    ...choices.config,
  }
  const running = await startOpentill(
    config,
    { main: main.url, bank: bank.url },
    choices.env ?? makeEnv(),
    log,
    choices.faults,
  )
  const { first, storeUrl } = running
  if (!first || storeUrl === undefined) throw new Error('an empty database gets a first account and a shop')
  return {
    url: running.url,
    storeUrl,
    bankUrl: running.bankUrl,
    ...first.keys,
    stripe: stripeFor(running.url, first.keys.secretKey),
    sql: main.sql,
    bankSql: bank.sql,
    async atTheBank(path, body) {
      const answer = await fetch(`${running.bankUrl}/admin/${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${BANK_TOKEN}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      })
      if (!answer.ok) throw new Error(`the bank answered ${answer.status}: ${await answer.text()}`)
      return (await answer.json()) as Readonly<Record<string, unknown>>
    },
    logged,
    async stop() {
      await running.stop()
      await main.drop()
      await bank.drop()
      rmSync(dataDir, { recursive: true, force: true })
    },
  }
}

/** A client of the official SDK as a shop makes it. It repeats nothing by itself, so that a test sees every answer. */
export function stripeFor(url: string, key: string): Stripe {
  const { hostname, port } = new URL(url)
  return new Stripe(key, { host: hostname, port, protocol: 'http', maxNetworkRetries: 0, telemetry: false })
}
