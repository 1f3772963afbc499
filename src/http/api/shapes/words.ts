import { type TNull, type TSchema, Type } from '@fastify/type-provider-typebox'

/** What replies are made of. The keys and nesting are Stripe's; a test compares them with the SDK's types. */
export const S = Type.String()
export const I = Type.Integer()
export const B = Type.Boolean()
export const orNull = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()])
/** A name that `expand` may replace by its object. */
export const ref = () => Type.Unsafe<string>({ anyOf: [{ type: 'string' }, { type: 'object' }] })
export const metadata = () => Type.Record(Type.String(), Type.String())
export const object = <T extends Record<string, TSchema>>(properties: T) =>
  Type.Object(properties, { additionalProperties: false })

/** Fields that Stripe's object has and ours never fills. */
export function nulls<const K extends string>(...names: readonly K[]): { [name in K]: TNull } {
  return Object.fromEntries(names.map((name) => [name, Type.Null()])) as { [name in K]: TNull }
}

export const address = object({
  city: orNull(S),
  country: orNull(S),
  line1: orNull(S),
  line2: orNull(S),
  postal_code: orNull(S),
  state: orNull(S),
})
export const shipping = object({
  address,
  carrier: orNull(S),
  name: S,
  phone: orNull(S),
  tracking_number: orNull(S),
})

/** `{object: 'list'}`: one page and whether there is more. */
export const listOf = <T extends TSchema>(item: T) =>
  object({ object: Type.Literal('list'), data: Type.Array(item), has_more: B, url: S })
export const searchResultOf = <T extends TSchema>(item: T) =>
  object({
    object: Type.Literal('search_result'),
    data: Type.Array(item),
    has_more: B,
    next_page: orNull(S),
    url: S,
  })
export const deleted = (kind: string) => object({ id: S, object: Type.Literal(kind), deleted: Type.Literal(true) })
