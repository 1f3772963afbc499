import type { DeliveryTry } from '../core/delivery.ts'
import { nameOf, type Tenant, type Uuid } from '../core/ids.ts'
import { renderMoment, unixSeconds } from './table.ts'

export const eventName = (tenant: Tenant, id: Uuid): string => nameOf('event', tenant, id)

export const TRY_COLUMNS = ['at', 'event', 'endpoint', 'try', 'status', 'ms', 'outcome'] as const

export const tryRow = (made: DeliveryTry): readonly string[] => [
  renderMoment(made.startedAt),
  eventName(made.tenant, made.eventId),
  nameOf('endpoint', made.tenant, made.endpointId),
  String(made.nth),
  made.status === null ? '-' : String(made.status),
  String(made.durationMs),
  made.error ?? 'taken',
]

export const shownTry = (made: DeliveryTry) => ({
  id: nameOf('attempt', made.tenant, made.id),
  event: eventName(made.tenant, made.eventId),
  endpoint: nameOf('endpoint', made.tenant, made.endpointId),
  kind: made.kind,
  nth: made.nth,
  created: unixSeconds(made.startedAt),
  duration_ms: made.durationMs,
  status: made.status,
  error: made.error,
  next_attempt: made.nextAt && unixSeconds(made.nextAt),
})
