import type { WebhookEndpoint } from './event.ts'
import type { Uuid } from './ids.ts'

/** A delivery as shops see it: what has become of one event for one endpoint. */
export type DeliveryState = {
  readonly endpointId: Uuid
  readonly eventId: Uuid
  readonly number: bigint
  readonly previousNumber: bigint | null
  readonly state: 'pending' | 'delivered' | 'failed'
  readonly tries: number
  /** Null where it has no time of its own: it is over, late, or its endpoint is disabled. */
  readonly nextAt: Date | null
  readonly late: boolean
  /** When it is sent once more because somebody wants that; null while its endpoint is disabled. */
  readonly resendAt: Date | null
  readonly lastStatus: number | null
  readonly lastError: string | null
  readonly deliveredAt: Date | null
  readonly toldAt: Date
}

/** What an endpoint's answers of late say about it. */
export type EndpointHealth = {
  /** Refusals in a row, up to now. */
  readonly failures: number
  readonly failingSince: Date | null
  readonly downSince: Date | null
  readonly probeAt: Date | null
  readonly draining: boolean
  /** Tries of the last day, and how many of them were taken; at most the newest thousands are looked at. */
  readonly tries: number
  readonly taken: number
  readonly p95Ms: number | null
  readonly oldest: { readonly eventId: Uuid; readonly toldAt: Date } | null
  /** Counted up to a limit. */
  readonly pending: number
  readonly failed: number
}

export type HealthStatus = 'healthy' | 'failing' | 'down' | 'disabled'

export function healthStatus(endpoint: Pick<WebhookEndpoint, 'status'>, health: EndpointHealth): HealthStatus {
  if (endpoint.status === 'disabled') return 'disabled'
  if (health.downSince !== null) return 'down'
  return health.failures > 0 ? 'failing' : 'healthy'
}
