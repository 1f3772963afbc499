import { type Static, type TObject, type TProperties, type TSchema, Type } from '@fastify/type-provider-typebox'
import type { MetadataChange } from '../../core/metadata.ts'

/**
 * What parameters are made of: JSON Schema by TypeBox, with a few words of our own that `readParameters` knows. `unset`:
 * an empty value, or null in JSON, takes the field away. `later`: Stripe has it, we do not yet.
 */
export type Words = {
  readonly type?: 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array'
  readonly enum?: readonly string[]
  readonly minLength?: number
  readonly maxLength?: number
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly maxItems?: number
  readonly items?: Words
  readonly properties?: Readonly<Record<string, Words>>
  readonly required?: readonly string[]
  readonly anyOf?: readonly Words[]
  readonly format?: 'email' | 'url' | 'name' | 'text' | 'lines' | 'metadata' | 'decimal' | 'any'
  /** An object of another system's: members that it does not know are left unread, and an empty value is none. */
  readonly open?: boolean
  /** Takes the words that people write for yes and no, and numbers for a text. */
  readonly lenient?: boolean
  readonly unset?: boolean
  readonly later?: boolean
  /** Values that Stripe takes and we do not yet. */
  readonly laterValues?: readonly string[]
  /** What a `pattern` asks for, in words. */
  readonly shape?: string
}

const as = <T>(words: Words) => Type.Unsafe<T>(words as TSchema)

/** A line of free text. */
export const text = (maxLength: number, words: Pick<Words, 'pattern' | 'shape' | 'minLength'> = {}) =>
  as<string>({ type: 'string', format: 'text', minLength: 1, maxLength, ...words })
/** Free text that may have several lines. */
export const lines = (maxLength: number) => as<string>({ type: 'string', format: 'lines', minLength: 1, maxLength })
export const email = () => as<string>({ type: 'string', format: 'email', maxLength: 512 })
export const url = (maxLength = 5000) => as<string>({ type: 'string', format: 'url', maxLength })
/** Whether it is one is asked later, and then said in other words than that it is too long. */
export const currency = () => text(40)
/** The name of one of our objects; whether there is one is asked later. */
export const name = () => as<string>({ type: 'string', format: 'name', maxLength: 5000 })
export const integer = (minimum: number, maximum: number) => as<number>({ type: 'integer', minimum, maximum })
export const amount = () => integer(0, 999_999_999_999)
export const number = (minimum: number, maximum: number) => as<number>({ type: 'number', minimum, maximum })
export const boolean = (...laterValues: readonly string[]) => as<boolean>({ type: 'boolean', laterValues })
export const oneOf = <const T extends string>(values: readonly T[], laterValues: readonly string[] = []) =>
  as<T>({ type: 'string', enum: values, laterValues })
export const list = <T extends TSchema>(items: T, maxItems: number) =>
  as<Static<T>[]>({ type: 'array', items: items as Words, maxItems })
export const metadata = () => as<MetadataChange>({ type: 'object', format: 'metadata' })
/** A parameter of Stripe's that is refused by name until it is built. */
export const later = () => Type.Optional(as<never>({ later: true }))

export const optional = Type.Optional
/** Optional, and an empty value takes it away. */
export const unsettable = <T extends TSchema>(schema: T) =>
  Type.Optional(as<Static<T> | null>({ ...(schema as Words), unset: true }))

export function object<T extends TProperties>(properties: T): TObject<T> {
  return Type.Object(properties, { additionalProperties: false })
}

export const address = () =>
  object({
    city: optional(text(200)),
    country: optional(text(2, { pattern: '^[A-Z]{2}$', shape: 'must be a two-letter country code, such as DE' })),
    line1: optional(text(200)),
    line2: optional(text(200)),
    postal_code: optional(text(50)),
    state: optional(text(100)),
  })

/** On every call that answers with an object. */
export const expand = () => optional(list(text(200), 20))

/** What every list takes. `created` is a moment or a range. */
export const page = {
  limit: optional(integer(1, 100)),
  starting_after: optional(name()),
  ending_before: optional(name()),
  expand: expand(),
}
const second = () => integer(0, 253_402_300_799)
export const created = () =>
  optional(
    Type.Union([
      second(),
      object({ gt: optional(second()), gte: optional(second()), lt: optional(second()), lte: optional(second()) }),
    ]),
  )

/** An object as clients of other systems send them: see `open`. */
export function openObject<T extends TProperties>(properties: T): TObject<T> {
  return Type.Object(properties, { additionalProperties: true, open: true })
}
/** `49.99`, as a text or as a number; read as a text, for `parseDecimal` to judge it in its currency. */
export const decimal = () => as<string>({ type: 'string', format: 'decimal' })
/** Yes or no in any of the spellings that clients have: `true`, `"true"`, `"Yes"`, `1`. */
export const flag = () => as<boolean>({ type: 'boolean', lenient: true })
/** A line of text that some clients send as a number: an id, a page, an index. */
export const word = (maxLength: number) =>
  as<string>({ type: 'string', format: 'text', minLength: 1, maxLength, lenient: true })
/** A number that is a name of ours: as a text or as a number, and by chance like a card's. */
export const numberName = () => as<string>({ type: 'string', format: 'name', maxLength: 100, lenient: true })
/** Members of any form that are kept to be shown again, as JSON of at most so many bytes. */
export const anything = (maxBytes: number) =>
  as<Readonly<Record<string, Json>>>({ type: 'object', format: 'any', maxLength: maxBytes })
export type Json = string | number | boolean | null | readonly Json[] | { readonly [name: string]: Json }
