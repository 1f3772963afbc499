import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseApiKey } from './core/api-key.ts'
import type { WebhookEndpoint } from './core/event.ts'
import { newUuid, type Tenant } from './core/ids.ts'
import { newEndpointSecret, type SecretSealer } from './events/endpoint-secret.ts'
import type { Context } from './flows/call.ts'
import { openAccount } from './flows/open-account.ts'

/** The first account's test keys, for the demo shop and a developer's first calls. */
export type DevKeys = {
  readonly secretKey: string
  readonly publishableKey: string
  readonly webhookSecret: string
}
export type FirstAccount = { readonly tenant: Tenant; readonly keys: DevKeys; readonly isNew: boolean }

const FILE = 'dev-keys.env'

/**
 * The keys from the data folder; on the first start, with an empty database, makes an account for them. Undefined when
 * the database has accounts already but this folder has no keys that open one: then nobody's shop is started.
 */
export async function firstAccount(context: Context, dataDir: string): Promise<FirstAccount | undefined> {
  const path = join(dataDir, FILE)
  const known = readKeys(path)
  const tenant = known && (await tenantOf(context, known))
  if (known && tenant !== undefined) return { tenant, keys: known, isNew: false }
  if ((await context.storage.listAccounts(1)).length > 0) return undefined
  const { keys } = await openAccount(context, 'Small Hours')
  const [secret, publishable] = keys
  if (!secret || !publishable) throw new Error('an account was opened without keys')
  const made: DevKeys = {
    secretKey: secret.text,
    publishableKey: publishable.text,
    webhookSecret: newEndpointSecret(context.env),
  }
  writeKeys(path, made)
  return { tenant: secret.row.tenant, keys: made, isNew: true }
}

function writeKeys(path: string, keys: DevKeys): void {
  const lines = [
    '# The first account, test mode. Anyone who can read this file can use its keys.',
    `OPENTILL_SECRET_KEY=${keys.secretKey}`,
    `OPENTILL_PUBLISHABLE_KEY=${keys.publishableKey}`,
    `OPENTILL_WEBHOOK_SECRET=${keys.webhookSecret}`,
  ]
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 })
  chmodSync(path, 0o600)
}

function readKeys(path: string): DevKeys | undefined {
  if (!existsSync(path)) return undefined
  const text = readFileSync(path, 'utf8')
  const value = (name: string) => new RegExp(`^${name}=(\\S+)$`, 'm').exec(text)?.[1]
  const secretKey = value('OPENTILL_SECRET_KEY')
  const publishableKey = value('OPENTILL_PUBLISHABLE_KEY')
  const webhookSecret = value('OPENTILL_WEBHOOK_SECRET')
  if (secretKey === undefined || publishableKey === undefined || webhookSecret === undefined) return undefined
  return { secretKey, publishableKey, webhookSecret }
}

/** The world these keys open in this database: another database's keys open nothing. */
async function tenantOf(context: Context, keys: DevKeys): Promise<Tenant | undefined> {
  const parsed = parseApiKey(keys.secretKey)
  const row = parsed && (await context.storage.findKey(parsed.tenant, parsed.hash))
  return row && row.revokedAt === null ? row.tenant : undefined
}

const DESCRIPTION = 'The demo shop'

/** The demo shop's own endpoint: made at the first start, and led to the shop's address when that changed. */
export async function pointEndpointAt(
  context: Context,
  sealer: SecretSealer,
  { tenant, keys }: FirstAccount,
  url: string,
): Promise<void> {
  const { items } = await context.storage.listEndpoints(tenant, { limit: 200 })
  const found = items.find((endpoint) => endpoint.document.description === DESCRIPTION)
  if (found?.url === url) return
  const endpoint: WebhookEndpoint = found
    ? { ...found, version: found.version + 1, url }
    : {
        tenant,
        id: newUuid(context.env),
        version: 1,
        url,
        status: 'enabled',
        door: 'native',
        apiVersion: null,
        enabledEvents: ['*'],
        sealedSecret: sealer.seal(tenant, keys.webhookSecret),
        sealedPrevious: null,
        previousUntil: null,
        disabledReason: null,
        disabledAt: null,
        deleted: false,
        createdAt: context.env.now(),
        document: { description: DESCRIPTION },
      }
  await context.storage.commit({ endpoints: [endpoint] })
}
