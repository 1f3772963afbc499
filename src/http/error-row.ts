import { PREFIXES } from '../core/ids.ts'

/** Stripe's error types, as far as we answer them. */
export type ErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'

/** What is known of a fault beside its code. */
export type Said = {
  /** The parameter, in bracket notation. */
  readonly param?: string
  /** What the text may quote: never a secret, never card data. */
  readonly detail?: string
  /** What kind of object is missing, where the parameter's name does not say it. */
  readonly noun?: string
}

/** One error of the native API. */
export type ErrorRow = {
  readonly status: number
  readonly type: ErrorType
  /** For the page of errors: what happened, and what to do next. */
  readonly about: string
  readonly text: (said: Said) => string
}

export const named = ({ param }: Said): string => param ?? 'the request'

export const saying =
  (fallback: string) =>
  (said: Said): string =>
    said.detail === undefined ? fallback : `Invalid ${named(said)}: ${said.detail}.`

export const invalid = (about: string, text: (said: Said) => string, status = 400): ErrorRow => ({
  status,
  type: 'invalid_request_error',
  about,
  text,
})

/** What was typed as a card is none: Stripe's clients show these to the shopper. */
export const cardError = (about: string, text: string): ErrorRow => ({
  status: 402,
  type: 'card_error',
  about,
  text: () => text,
})

/** `line_items[0][price]` is a price; else the name itself says what it wanted to be. */
export function nounOf({ param, detail }: Said): string {
  const last = /([a-z_]+)\]?$/.exec(param ?? '')?.[1]
  if (last !== undefined && Object.hasOwn(PREFIXES, last)) return last
  const kind = Object.entries(PREFIXES).find(([, prefix]) => detail?.startsWith(prefix))?.[0]
  const nouns: Readonly<Record<string, string>> = { session: 'checkout.session', payment: 'payment_intent' }
  return kind === undefined ? 'object' : (nouns[kind] ?? kind)
}
