import { accountTenant, isLive, nameOf, newUuid, type Tenant } from '../core/ids.ts'
import {
  publicKeyOf,
  publishedKey,
  RETIRED_KEY_LIFE_MS,
  type ReceiptKey,
  receiptClaims,
  signReceipt,
} from '../core/receipt.ts'
import { open, seal } from '../core/seal.ts'
import type { SessionView } from '../storage/sessions.ts'
import type { Call, Context } from './call.ts'
import { type Answer, once } from './once.ts'
import { done, type Result } from './refusals.ts'

export type Receipts = {
  /** Sees to it that the tenant has a key, before anything is promised. */
  ensureKey(tenant: Tenant): Promise<void>
  /** A new key signs from now on; the one before stays published for a while. */
  rollKey(call: Call): Promise<Result<Answer>>
  /** The key that signs and those that did, as long as they are published. */
  keysOf(tenant: Tenant): Promise<readonly ReceiptKey[]>
  /** Where a tenant's public keys are; undefined for a tenant that does not exist. */
  keysUrl(tenant: Tenant): Promise<string | undefined>
  /** A signed statement about a session as it is now, where the shop asked for such. */
  receiptFor(view: SessionView): Promise<string | undefined>
}

/** More than anybody rolls in a month; the oldest are published no more. */
const MOST_KEYS = 20
/** What a test tenant's place is called, beside the account's own. */
export const TEST_SUFFIX = '-test'

/** @param sealingKey 32 bytes that are not in the database: they seal the private keys */
export function openReceipts(
  context: Context & { readonly publicUrl: () => string; readonly sealingKey: Uint8Array },
): Receipts {
  const { env, storage, sealingKey } = context
  const published = async (tenant: Tenant) => {
    const since = env.now().getTime() - RETIRED_KEY_LIFE_MS
    const keys = await storage.listReceiptKeys(tenant, MOST_KEYS)
    return keys.filter(({ retiredAt }) => retiredAt === null || retiredAt.getTime() > since)
  }

  function newKey(tenant: Tenant): ReceiptKey {
    const seed = env.randomBytes(32)
    return {
      tenant,
      id: newUuid(env),
      version: 1,
      publicKey: publicKeyOf(seed),
      sealedSeed: seal(sealingKey, env.randomBytes(12), seed, ownerOf(tenant)),
      createdAt: env.now(),
      retiredAt: null,
    }
  }

  /** Two who roll at the same time: one is first, and the other rolls what the first made. */
  function rollKey(call: Call): Promise<Result<Answer>> {
    const { tenant } = call.caller
    return once(context, call, async () => {
      const [signing] = await storage.listReceiptKeys(tenant, 1)
      const key = newKey(tenant)
      const retired =
        signing?.retiredAt === null ? [{ ...signing, version: signing.version + 1, retiredAt: env.now() }] : []
      // What a repeated request shows is public; the private part stays in its own table.
      const shown = { ...key, sealedSeed: new Uint8Array() }
      const snapshot = { is: 'receiptKey', v: 1, receiptKey: shown } as const
      return done({ set: { receiptKeys: [...retired, key] }, objectId: key.id, snapshot })
    })
  }

  async function issuerOf(tenant: Tenant): Promise<string | undefined> {
    const account = await storage.findAccount(tenant)
    if (!account) return undefined
    const name = nameOf('account', accountTenant(tenant), account.id)
    return `${context.publicUrl()}/.well-known/opentill/${name}${isLive(tenant) ? '' : TEST_SUFFIX}`
  }

  return {
    async ensureKey(tenant) {
      const [signing] = await storage.listReceiptKeys(tenant, 1)
      // Somebody else may be making it at this moment: one of the two is stored, and either will do.
      if (signing?.retiredAt !== null) await storage.commit({ receiptKeys: [newKey(tenant)] })
    },
    rollKey,
    keysOf: published,
    async keysUrl(tenant) {
      const issuer = await issuerOf(tenant)
      return issuer === undefined ? undefined : `${issuer}/receipt-keys.json`
    },
    async receiptFor(view) {
      const { tenant, document } = view.session
      if (!document.signedReceipt) return undefined
      const [signing] = await storage.listReceiptKeys(tenant, 1)
      const issuer = await issuerOf(tenant)
      if (!signing || signing.retiredAt !== null || issuer === undefined) return undefined
      const seed = open(sealingKey, signing.sealedSeed, ownerOf(tenant))
      if (!seed) throw new Error('a key for receipts was not sealed by this server’s secrets')
      return signReceipt(receiptClaims(view, issuer, env.now()), seed)
    },
  }
}

const ownerOf = (tenant: Tenant): Uint8Array => Buffer.from(`receipt key of tenant ${tenant}`)

export const publishedKeys = (keys: readonly ReceiptKey[]) => ({
  keys: keys.map(({ publicKey }) => publishedKey(publicKey)),
})
