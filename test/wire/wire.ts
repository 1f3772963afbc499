import type Stripe from 'stripe'

/** The literals of a union of strings; never for plain `string`, and for the SDK's open end `string & {}`. */
type Literals<T> = T extends string ? (string extends T ? never : T) : never
/** Closes an open enum: a value that the SDK does not know may not pass. */
type Strings<T> = [Literals<T>] extends [never] ? Extract<T, string> : Literals<T>
type Rest<T> = T extends Stripe.Decimal
  ? string
  : T extends readonly (infer Item)[]
    ? Wire<Item>[]
    : T extends object
      ? { [K in keyof T as K extends 'lastResponse' ? never : K]: Wire<T[K]> }
      : T

/**
 * What the SDK's type of an object looks like on the wire: decimals are text, enums have their known values only, and
 * what the client adds is gone. Captured replies are checked against it with `satisfies`.
 */
export type Wire<T> = Strings<T> | Rest<Exclude<T, string>>

/**
 * What an event says of how things were: of an object only the members that changed, of a list the whole, null for what was
 * not there.
 */
export type Previous<T> = T extends string | readonly unknown[]
  ? Wire<T> | null
  : T extends object
    ? { [K in keyof T]?: Previous<T[K]> } | null
    : Wire<T> | null
