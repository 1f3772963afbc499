import { type Account, settingsOf } from '../../../core/account.ts'
import type { Tenant } from '../../../core/ids.ts'

/** Whether the account has closed this door. What needs no key asks here: what comes with one was asked before. */
export const isClosedFor = (account: Account, tenant: Tenant): boolean =>
  settingsOf(account, tenant).doors?.includes('hsrc') === false
