import { Type } from '@fastify/type-provider-typebox'
import { B, I, metadata, nulls, object, orNull, S } from './words.ts'

export const EventShape = object({
  id: S,
  object: Type.Literal('event'),
  api_version: S,
  created: I,
  data: object({
    object: Type.Object({}, { additionalProperties: true }),
    previous_attributes: Type.Optional(Type.Object({}, { additionalProperties: true })),
  }),
  livemode: B,
  pending_webhooks: I,
  request: object({ id: orNull(S), idempotency_key: orNull(S) }),
  type: S,
})

/** Events by number. `next_after` is what the next request says in `after`. */
export const FeedShape = object({
  object: Type.Literal('feed'),
  data: Type.Array(object({ number: I, event: EventShape })),
  has_more: B,
  last_number: I,
  next_after: I,
  url: S,
})

export const EndpointShape = object({
  id: S,
  object: Type.Literal('webhook_endpoint'),
  api_version: orNull(S),
  created: I,
  description: orNull(S),
  /** Ours: whose form its events have, where that is not this API's. */
  door: Type.Optional(S),
  enabled_events: Type.Array(S),
  livemode: B,
  metadata: metadata(),
  /** Ours: true where sessions name the addresses, and `url` is the origin of all of them. */
  named_by_sessions: Type.Optional(B),
  /** In the answer that made the endpoint, and nowhere else. */
  secret: Type.Optional(S),
  status: Type.Unsafe<'enabled' | 'disabled'>({ enum: ['enabled', 'disabled'] }),
  url: S,
  ...nulls('application'),
})
/** Ours: an endpoint whose secret was rolled, and until when the one before it signs as well. */
export const RolledShape = object({ ...EndpointShape.properties, previous_secret_expires_at: orNull(I) })
