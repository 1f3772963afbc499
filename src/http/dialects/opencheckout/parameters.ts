import type { Static } from '@fastify/type-provider-typebox'
import { integer, list, metadata, oneOf, openObject, optional, text, url } from '../../parameters/fields.ts'

/** The limits are those of release 0.2; a total has our own. */
const LineItem = openObject({
  price_data: openObject({
    currency: text(3, { pattern: '^[A-Za-z]{3}$', shape: 'must be a currency of three letters, such as usd' }),
    product_data: openObject({ name: text(200), description: optional(text(1000)) }),
    unit_amount: integer(1, 999_999_999_999),
  }),
  quantity: optional(integer(1, 1_000_000)),
})

/** Donations and subscriptions are known by name, and refused by it until there are such ways to pay. */
export const CreateSession = openObject({
  mode: oneOf(['payment'], ['donation', 'subscription']),
  line_items: list(LineItem, 100),
  success_url: url(2048),
  cancel_url: url(2048),
  metadata: optional(metadata()),
  expires_in_seconds: optional(integer(300, 86_400)),
})
export type CreateSessionBody = Static<typeof CreateSession>

/** Values that make no sense stand for their defaults, as clients of this system are used to. */
export const ListSessions = openObject({ limit: optional(text(20)), cursor: optional(text(200)) })
