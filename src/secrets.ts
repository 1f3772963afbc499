import { hkdfSync } from 'node:crypto'
import { existsSync, statSync } from 'node:fs'
import { link, open, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Env } from './core/env.ts'
import { StartError } from './storage/start-error.ts'

const KEY_BYTES = 32

/** The keys that the database never sees. Who has the database alone has no card number; keep a copy of them elsewhere. */
export type Secrets = {
  /** Wrap the vault's data keys. New ones take the highest version; older ones stay to open what they closed. */
  readonly vaultKeys: ReadonlyMap<number, Uint8Array>
  /** Keys the card fingerprint, which finds a card again without its number. */
  readonly fingerprintKey: Uint8Array
  /** Keys the hash of a shopper's network address. */
  readonly addressHashKey: Uint8Array
  /** Seals webhook secrets, which signing needs back in clear. */
  readonly sealingKey: Uint8Array
  /** Makes the addresses and secrets under which providers tell us things. Derived, so it is not in the file. */
  readonly hookKey: Uint8Array
  /** Proves that what a page is told by its address was written by us. Derived as well. */
  readonly addressProofKey: Uint8Array
  /** Signs what keeps somebody signed in. Derived as well. */
  readonly cookieKey: Uint8Array
  /** Keys the hashes of what came with an idempotency key. Derived as well. */
  readonly parametersKey: Uint8Array
}

type SecretsFile = {
  readonly vault_keys: Readonly<Record<string, string>>
  readonly fingerprint_key: string
  readonly address_hash_key: string
  readonly sealing_key: string
}

/**
 * Reads the data folder's `secrets.json`; on the first start makes it. The caller holds the folder's lock.
 * @throws StartError when others may read the file, or a key in it is missing or has a wrong length
 */
export async function loadSecrets(dataDir: string, env: Pick<Env, 'randomBytes'>): Promise<Secrets> {
  const path = join(dataDir, 'secrets.json')
  if (!existsSync(path)) await writeSecrets(dataDir, path, env)
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) !== 0) {
    throw new StartError(
      `Others on this machine may read or change ${path} (mode ${mode.toString(8)}); ` +
        `run chmod 600 ${path}, and if a stranger could have read it, treat its keys as known.`,
    )
  }
  return parseSecrets(path, await readSecrets(path))
}

async function readSecrets(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    throw new StartError(
      `${path} cannot be read (${String(error)}); start Opentill under the account that the file belongs to.`,
    )
  }
}

/** Written beside, made durable, then linked into place: the file is whole or absent, and never replaces another. */
async function writeSecrets(dataDir: string, path: string, env: Pick<Env, 'randomBytes'>): Promise<void> {
  const key = () => Buffer.from(env.randomBytes(KEY_BYTES)).toString('base64')
  const file: SecretsFile = {
    vault_keys: { 1: key() },
    fingerprint_key: key(),
    address_hash_key: key(),
    sealing_key: key(),
  }
  const draft = `${path}.new`
  await rm(draft, { force: true })
  const handle = await open(draft, 'wx', 0o600)
  await handle.writeFile(`${JSON.stringify(file, null, 2)}\n`)
  await handle.sync()
  await handle.close()
  await link(draft, path)
  await rm(draft)
  const folder = await open(dataDir, 'r')
  await folder.sync()
  await folder.close()
}

function parseSecrets(path: string, text: string): Secrets {
  const file = parseObject(text)
  const faults: string[] = []
  const key = (name: string, value: unknown): Uint8Array => {
    const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0)
    if (bytes.length !== KEY_BYTES || bytes.toString('base64') !== value) faults.push(name)
    return new Uint8Array(bytes)
  }
  const versions = Object.entries(parseObject(JSON.stringify(file?.vault_keys)) ?? {})
  if (versions.length === 0) faults.push('vault_keys')
  const secrets = {
    vaultKeys: new Map(
      versions.map(([version, value]) => {
        if (!/^[1-9]\d{0,4}$/.test(version)) faults.push(`vault_keys.${version} (versions count from 1)`)
        return [Number(version), key(`vault_keys.${version}`, value)] as const
      }),
    ),
    fingerprintKey: key('fingerprint_key', file?.fingerprint_key),
    addressHashKey: key('address_hash_key', file?.address_hash_key),
    sealingKey: key('sealing_key', file?.sealing_key),
  }
  if (faults.length === 0) {
    return {
      ...secrets,
      hookKey: derived(secrets.sealingKey, 'provider hooks'),
      addressProofKey: derived(secrets.sealingKey, 'addresses of pages'),
      cookieKey: derived(secrets.sealingKey, 'cookies of dashboards'),
      parametersKey: derived(secrets.sealingKey, 'parameters of requests'),
    }
  }
  throw new StartError(
    `${path} does not hold the keys that it should: ${faults.join(', ')} must be base64 of ${KEY_BYTES} bytes; ` +
      'put the file back from your copy, for without its keys stored cards cannot be read.',
  )
}

/** HKDF (RFC 5869): a key for one purpose, from which nothing follows about the one that it was made of. */
function derived(key: Uint8Array, purpose: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', key, new Uint8Array(), purpose, KEY_BYTES))
}

function parseObject(text: string | undefined): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text ?? '')
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined
  } catch {
    return undefined
  }
}
