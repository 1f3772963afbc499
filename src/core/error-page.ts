import { credentialOf, provesCredential } from './ids.ts'

/** What the page for errors without a session is told, under the names that Ozura's clients know. */
export type ErrorFacts = { readonly errorCode: string; readonly error: string; readonly cancelUrl?: string }

export const ERROR_PAGE_PATH = '/error'
/** A sentence of ours; whatever is longer is none. */
export const MOST_ERROR_TEXT = 200

/**
 * The address of the page that tells a shopper of an error where no session can. It has no session to say which shop it
 * speaks for, so it believes its own text and leads to a shop only with our proof: anybody may write such an address, and
 * nobody else may put words into the page or make it a way to a place of their own.
 * @param key of the installation, not in the database
 */
export function errorPageUrl(origin: string, key: Uint8Array, facts: ErrorFacts): string {
  const { errorCode, error, cancelUrl } = facts
  const query = new URLSearchParams({
    errorCode,
    error,
    ...(cancelUrl === undefined ? {} : { cancelUrl }),
    proof: credentialOf('', key, purposeOf(facts)),
  })
  return `${origin}${ERROR_PAGE_PATH}?${query.toString()}`
}

/** What of a query this page may say: all of it with our proof, else the code alone. */
export function readErrorFacts(key: Uint8Array, query: Readonly<Record<string, unknown>>): Partial<ErrorFacts> {
  const { errorCode, error, cancelUrl, proof } = query
  if (typeof errorCode !== 'string') return {}
  if (typeof error !== 'string' || typeof proof !== 'string') return { errorCode }
  if (cancelUrl !== undefined && typeof cancelUrl !== 'string') return { errorCode }
  const facts = { errorCode, error, ...(cancelUrl === undefined ? {} : { cancelUrl }) }
  const isOurs = proof.length < 30 && provesCredential(proof, key, purposeOf(facts))
  return isOurs ? facts : { errorCode }
}

const purposeOf = ({ errorCode, error, cancelUrl }: ErrorFacts): string =>
  `error page ${JSON.stringify([errorCode, error, cancelUrl ?? null])}`
