import { Type } from '@fastify/type-provider-typebox'
import { B, I, object, orNull, S } from './words.ts'

const oneOf = <const T extends string>(...values: readonly T[]) => Type.Unsafe<T>({ enum: [...values] })
const headers = () => Type.Record(Type.String(), Type.String())

/** Ours: one try to deliver an event. */
export const AttemptShape = object({
  id: S,
  object: Type.Literal('webhook_attempt'),
  created: I,
  duration_ms: I,
  /** Null where the event was taken. */
  error: orNull(S),
  event: S,
  event_number: I,
  kind: oneOf('probe', 'resend', 'scheduled'),
  livemode: B,
  next_attempt: orNull(I),
  nth: I,
  request: object({ body: orNull(S), headers: headers() }),
  response: orNull(object({ body: S, headers: headers(), status: I })),
  url: S,
  webhook_endpoint: S,
})

/** Ours: what has become of one event for one endpoint. */
export const DeliveryShape = object({
  object: Type.Literal('webhook_delivery'),
  attempts: I,
  delivered_at: orNull(I),
  event: S,
  event_number: I,
  last_error: orNull(S),
  last_status: orNull(I),
  late: B,
  livemode: B,
  next_attempt: orNull(I),
  previous_number: orNull(I),
  status: oneOf('delivered', 'failed', 'pending'),
  /** When it was first due. */
  told_at: I,
  webhook_endpoint: S,
})

/** Ours: how an endpoint does. */
export const HealthShape = object({
  object: Type.Literal('webhook_endpoint_health'),
  attempts_24h: I,
  disabled_at: orNull(I),
  disabled_reason: orNull(oneOf('gone', 'merchant')),
  down_since: orNull(I),
  draining: B,
  failed_deliveries: I,
  failing_since: orNull(I),
  failures_in_a_row: I,
  livemode: B,
  next_probe: orNull(I),
  oldest_undelivered: orNull(object({ event: S, told_at: I })),
  p95_duration_ms: orNull(I),
  pending_deliveries: I,
  previous_secret_expires_at: orNull(I),
  status: oneOf('disabled', 'down', 'failing', 'healthy'),
  success_rate: orNull(Type.Number()),
  webhook_endpoint: S,
})

export const ResendShape = object({
  object: Type.Literal('webhook_resend'),
  count: I,
  has_more: B,
  livemode: B,
  webhook_endpoint: S,
})
