import { type Account, settingsOf } from '../core/account.ts'
import { isLive, type Tenant } from '../core/ids.ts'
import { replacedFields } from '../core/replaced-fields.ts'
import { applySettings, type SettingsChanges, type SettingsFault, sealSettings } from '../core/settings-rules.ts'
import { type Call, type Context, tell } from './call.ts'

export type ChangedSettings =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly because: 'refused'; readonly faults: readonly SettingsFault[] }
  /** `missing`: there is no such account. `stale`: others kept changing it; nothing was stored. */
  | { readonly ok: false; readonly because: 'missing' | 'stale' }

/** How secrets rest, for settings that are one. */
type Sealer = { seal(tenant: Tenant, secret: string): Uint8Array }

/** Settings change by hand; whoever still loses after this many loads is in a loop with somebody. */
const MOST_TRIES = 10

/**
 * Changes some of an account's settings in the tenant's mode, and none in the other; two who change different ones at the
 * same time both succeed.
 */
export async function changeSettings(
  { env, storage, sealer }: Context & { readonly sealer?: Sealer },
  tenant: Tenant,
  changes: SettingsChanges,
  call?: Call,
): Promise<ChangedSettings> {
  const sealed = sealSettings(changes, (secret) => {
    if (!sealer) throw new Error('a secret setting without anything to seal it')
    return sealer.seal(tenant, secret)
  })
  for (let tries = 0; tries < MOST_TRIES; tries++) {
    const found = await storage.findAccount(tenant)
    if (!found) return { ok: false, because: 'missing' }
    const applied = applySettings(settingsOf(found, tenant), sealed, isLive(tenant))
    if (!applied.ok) return { ok: false, because: 'refused', faults: applied.faults }
    const changed = isLive(tenant) ? { live: applied.settings } : { test: applied.settings }
    const account: Account = { ...found, version: found.version + 1, settings: { ...found.settings, ...changed } }
    const previous = replacedFields(found, account, ['settings'])
    if (!previous) return { ok: true, account: found }
    const place = { root: account.id, rootVersion: account.version, ordinal: 1 }
    const snapshot = { is: 'account', v: 1, account, live: isLive(tenant) } as const
    const told = tell(env, tenant, 'account.updated', place, snapshot, { call, previous })
    const committed = await storage.commit({ accounts: [account], events: [told] })
    if (committed.ok) return { ok: true, account }
    if (committed.conflict !== 'stale') throw new Error('the settings of an account could not be stored')
  }
  return { ok: false, because: 'stale' }
}
