import { isLive, type Tenant } from '../core/ids.ts'
import { judgeReturnUrl, type ReturnUrlRules } from '../core/return-urls.ts'
import type { AccountSettings } from '../core/settings.ts'
import { refuse } from './refusals.ts'

/** Why shoppers of this account may not be sent to a URL, where they may not. */
export function returnUrlRefused(
  tenant: Tenant,
  settings: AccountSettings,
  param: string,
  url: string | undefined,
): ReturnType<typeof refuse> | undefined {
  const rules: ReturnUrlRules = {
    live: isLive(tenant),
    schemes: settings.returnUrlSchemes ?? [],
    origins: settings.returnUrlOrigins ?? [],
  }
  const verdict = url === undefined ? undefined : judgeReturnUrl(url, rules)
  return verdict && !verdict.ok ? refuse('return_url_refused', param, verdict.message) : undefined
}
