import { isIPv6 } from 'node:net'
import type { Config } from './config.ts'
import type { HttpClient } from './core/env.ts'
import { isLive, type Tenant } from './core/ids.ts'
import { isLoopbackName } from './core/return-urls.ts'
import type { ProductionEnv } from './env.ts'
import { createEgress, type EgressPolicy } from './events/egress.ts'
import { inTransaction } from './storage/commit.ts'

/** A way out to nobody but the hosts that are added. */
export const NOWHERE: EgressPolicy = { publicHosts: false, loopback: false, allowHosts: [] }

/**
 * Whether this is a developer's machine: shoppers could not reach it. A server on all addresses is reached by others, even
 * where nobody told it under which name.
 */
export const isOnLoopback = ({ publicUrl, host }: Pick<Config, 'publicUrl' | 'host'>): boolean =>
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

/** The one way out of the house; it is shut while a database transaction is open. */
export function egress(env: ProductionEnv, policy: EgressPolicy): HttpClient {
  return createEgress({
    env,
    policy,
    assertNoTransaction: () => {
      if (inTransaction()) throw new Error('a network call inside a database transaction')
    },
  })
}
