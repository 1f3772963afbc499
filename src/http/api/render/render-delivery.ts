import type { Static } from '@fastify/type-provider-typebox'
import type { DeliveryTry } from '../../../core/delivery.ts'
import { type DeliveryState, type EndpointHealth, healthStatus } from '../../../core/delivery-health.ts'
import type { WebhookEndpoint } from '../../../core/event.ts'
import { isLive, nameOf, type Tenant } from '../../../core/ids.ts'
import type { AttemptShape, DeliveryShape, HealthShape } from '../shapes/delivery.ts'
import { seconds } from './parts.ts'

const maybe = (at: Date | null): number | null => at && seconds(at)

export function renderAttempt(made: DeliveryTry): Static<typeof AttemptShape> {
  const { tenant, status } = made
  return {
    id: nameOf('attempt', tenant, made.id),
    object: 'webhook_attempt',
    created: seconds(made.startedAt),
    duration_ms: made.durationMs,
    error: made.error,
    event: nameOf('event', tenant, made.eventId),
    event_number: Number(made.number),
    kind: made.kind,
    livemode: isLive(tenant),
    next_attempt: maybe(made.nextAt),
    nth: made.nth,
    request: { body: made.requestBody, headers: { ...made.requestHeaders } },
    response: status === null ? null : { body: made.responseBody ?? '', headers: { ...made.responseHeaders }, status },
    url: made.url,
    webhook_endpoint: nameOf('endpoint', tenant, made.endpointId),
  }
}

export function renderDelivery(tenant: Tenant, delivery: DeliveryState): Static<typeof DeliveryShape> {
  return {
    object: 'webhook_delivery',
    attempts: delivery.tries,
    delivered_at: maybe(delivery.deliveredAt),
    event: nameOf('event', tenant, delivery.eventId),
    event_number: Number(delivery.number),
    last_error: delivery.lastError,
    last_status: delivery.lastStatus,
    late: delivery.late,
    livemode: isLive(tenant),
    next_attempt: maybe(delivery.nextAt ?? delivery.resendAt),
    previous_number: delivery.previousNumber === null ? null : Number(delivery.previousNumber),
    status: delivery.state,
    told_at: seconds(delivery.toldAt),
    webhook_endpoint: nameOf('endpoint', tenant, delivery.endpointId),
  }
}

export function renderHealth(endpoint: WebhookEndpoint, health: EndpointHealth): Static<typeof HealthShape> {
  const { tenant, id, disabledAt, disabledReason } = endpoint
  const { oldest, tries, taken } = health
  return {
    object: 'webhook_endpoint_health',
    attempts_24h: tries,
    disabled_at: maybe(disabledAt),
    disabled_reason: disabledReason,
    down_since: maybe(health.downSince),
    draining: health.draining,
    failed_deliveries: health.failed,
    failing_since: maybe(health.failingSince),
    failures_in_a_row: health.failures,
    livemode: isLive(tenant),
    next_probe: endpoint.status === 'enabled' ? maybe(health.probeAt) : null,
    oldest_undelivered: oldest && { event: nameOf('event', tenant, oldest.eventId), told_at: seconds(oldest.toldAt) },
    p95_duration_ms: health.p95Ms,
    pending_deliveries: health.pending,
    previous_secret_expires_at: maybe(endpoint.previousUntil),
    status: healthStatus(endpoint, health),
    success_rate: tries === 0 ? null : Math.round((taken / tries) * 10_000) / 10_000,
    webhook_endpoint: nameOf('endpoint', tenant, id),
  }
}
