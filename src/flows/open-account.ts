import type { Account, ApiKey, KeyKind } from '../core/account.ts'
import { newApiKey } from '../core/api-key.ts'
import { liveTenant, newUuid, type Tenant, testTenant } from '../core/ids.ts'
import type { Door } from '../core/session.ts'
import type { Context } from './call.ts'

/** A key with the text that is shown once and never stored. */
export type FreshKey = { readonly row: ApiKey; readonly text: string }

const MAX_ACCOUNT_NUMBER = 2 ** 30 - 1

/** A new merchant with test keys. Live keys are made when they are asked for. */
export async function openAccount(
  context: Context,
  name: string,
): Promise<{ readonly account: Account; readonly keys: readonly FreshKey[] }> {
  for (;;) {
    const number = drawNumber(context)
    const account: Account = {
      tenant: liveTenant(number),
      id: newUuid(context.env),
      version: 1,
      name,
      createdAt: context.env.now(),
      settings: { live: {}, test: {} },
    }
    const keys = (['secret', 'publishable'] as const).map((kind) =>
      freshKey(context, testTenant(number), kind, 'native'),
    )
    const made = await context.storage.insertAccount(
      account,
      keys.map((key) => key.row),
    )
    if (made.ok) return { account, keys }
    // Two accounts drew one number: once in a billion; draw again.
    if (made.conflict !== 'constraint' || made.constraint !== 'accounts_pkey') {
      throw new Error(`an account could not be stored: ${JSON.stringify(made)}`)
    }
  }
}

export async function createKey(
  context: Context,
  tenant: Tenant,
  kind: KeyKind,
  door: Door = 'native',
  name = '',
): Promise<FreshKey> {
  const key = freshKey(context, tenant, kind, door, name)
  const made = await context.storage.commit({ apiKeys: [key.row] })
  if (!made.ok) throw new Error('a key could not be stored')
  return key
}

/** @param id the key's own id, from the list @returns false when the account has no such key, or it was revoked before */
export async function revokeKey(context: Context, tenant: Tenant, id: string): Promise<boolean> {
  const keys = await context.storage.listKeys(tenant)
  const key = keys.find((row) => row.id === id && row.revokedAt === null)
  if (!key) return false
  const revoked = { ...key, version: key.version + 1, revokedAt: context.env.now() }
  return (await context.storage.commit({ apiKeys: [revoked] })).ok
}

function freshKey(context: Context, tenant: Tenant, kind: KeyKind, door: Door, name = ''): FreshKey {
  const { text, hash, hint } = newApiKey(context.env, tenant, kind)
  const row: ApiKey = {
    tenant,
    id: newUuid(context.env),
    version: 1,
    kind,
    door,
    name,
    hash,
    hint,
    createdAt: context.env.now(),
    revokedAt: null,
  }
  return { row, text }
}

/** Numbers are drawn, not counted: nobody learns how many merchants there are, and no counter is shared. */
function drawNumber({ env }: Context): number {
  return (new DataView(env.randomBytes(4).buffer).getUint32(0) % MAX_ACCOUNT_NUMBER) + 1
}
