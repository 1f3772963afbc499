import { isLive, type Tenant, type Uuid } from './ids.ts'
import type { Door } from './session.ts'
import type { AccountSettings } from './settings.ts'

/** A merchant. Its number is its live tenant's; the test tenant is the odd number after it. */
export type Account = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly name: string
  readonly createdAt: Date
  /** Each mode has its own: who has a test key changes nothing where real money moves. */
  readonly settings: { readonly live: AccountSettings; readonly test: AccountSettings }
}

/** The choices that hold in the tenant's mode. */
export function settingsOf(account: Pick<Account, 'settings'>, tenant: Tenant): AccountSettings {
  return isLive(tenant) ? account.settings.live : account.settings.test
}

export type KeyKind = 'secret' | 'publishable'
export type ApiKey = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly kind: KeyKind
  readonly door: Door
  readonly name: string
  /** SHA-256 of the whole key: 256 random bits need no slow hash. */
  readonly hash: Uint8Array
  /** The first and last characters, to tell keys apart in a list. */
  readonly hint: string
  readonly createdAt: Date
  readonly revokedAt: Date | null
}

/** Who asks. Flows see only this, whatever way it was proven. */
export type Caller = {
  readonly tenant: Tenant
  readonly keyId: Uuid
  readonly kind: KeyKind
  readonly door: Door
}
