import { declineFacts } from '../../../core/declines.ts'
import type { ErrorFacts } from '../../../core/error-page.ts'
import { fillSessionId, withParameter } from '../../../core/return-urls.ts'
import type { Returning } from '../../../core/shop-returns.ts'
import { ozuraId } from './ids.ts'
import { metadataOf, notesOf } from './notes.ts'
import { decimalOf, merchantIdOf, saleOf } from './render-session.ts'

export type StopCode = 'SYSTEM_ERROR' | 'AUTH_ERROR' | 'SESSION_FAILED'

const ERROR_TEXTS: { readonly [code in StopCode]: string } = {
  SYSTEM_ERROR: 'The payment provider could not be reached. Nothing was charged.',
  AUTH_ERROR: 'The payment provider does not accept the credentials of the shop. Nothing was charged.',
  SESSION_FAILED: 'This checkout session has failed and cannot be paid any more.',
}

/** Servers take addresses of at least so many characters (RFC 9110 §4.1), and many take no more. */
const MOST_URL = 8000

/**
 * The success URL with the sale in it, and nothing about the person who paid. Metadata that no server would take in an
 * address is left out, for the shopper has paid and has to arrive: the shop reads it with the session.
 */
export function successReturn({ session, charge, account }: Omit<Returning, 'payment'>): string | undefined {
  const { successUrl } = session.document
  if (successUrl === undefined) return undefined
  const id = ozuraId(session)
  const { transactionId, transactionType, cardLastFour, cardBrand, transDate } = saleOf(session, charge)
  const filled = (metadata?: string) =>
    withAll(fillSessionId(successUrl, id), {
      success: 'true',
      sessionId: id,
      checkoutMode: 'payment',
      transactionId,
      transactionType,
      amount: decimalOf(session.amountTotal, session),
      currency: session.currency,
      ozuraMerchantId: merchantIdOf({ session, account }),
      cardLastFour,
      cardBrand,
      metadata,
      transDate,
    })
  const whole = filled(JSON.stringify(metadataOf(session)))
  return whole.length > MOST_URL ? filled() : whole
}

/** Bare: whoever cancels brings nothing along. */
export const cancelReturn = ({ session }: Pick<Returning, 'session'>): string | undefined => session.document.cancelUrl

export type ErrorPageUrl = (facts: ErrorFacts) => string
type Own = { readonly errorPageUrl?: ErrorPageUrl }

/** Where a shopper goes when nothing can be paid any more through no fault of a card; a card's fault is told on the page. */
export function failureReturn(
  { session, charge }: Pick<Returning, 'session' | 'charge'>,
  own: Own,
): string | undefined {
  const code = session.state === 'failed' ? stopOf(charge) : 'SYSTEM_ERROR'
  return code === undefined ? undefined : errorReturn(session, code, own)
}

/** What stopped the session; undefined where it was the last of too many declines. */
function stopOf(charge: Returning['charge']): StopCode | undefined {
  if (charge === null) return 'SESSION_FAILED'
  if (charge.state === 'failed') return 'SYSTEM_ERROR'
  if (charge.state !== 'declined') return 'SESSION_FAILED'
  const code = charge.document.decline?.code
  if (code === 'credentials_refused') return 'AUTH_ERROR'
  return code !== undefined && declineFacts(code).retry === 'none' ? 'SYSTEM_ERROR' : undefined
}

/** The error URL with the reason. Our own page believes no address that bears no proof of ours, so it gets one. */
export function errorReturn(session: Returning['session'], errorCode: StopCode, own: Own): string | undefined {
  const { failureUrl, cancelUrl } = session.document
  const facts = { errorCode, error: ERROR_TEXTS[errorCode], ...(cancelUrl === undefined ? {} : { cancelUrl }) }
  const sessionId = ozuraId(session)
  if (notesOf(session)?.ownErrorPage) {
    return own.errorPageUrl && withAll(own.errorPageUrl(facts), { success: 'false', sessionId })
  }
  if (failureUrl === undefined) return undefined
  return withAll(fillSessionId(failureUrl, sessionId), { success: 'false', ...facts, sessionId })
}

function withAll(url: string, parameters: Readonly<Record<string, string | undefined>>): string {
  return Object.entries(parameters).reduce(
    (sum, [name, value]) => (value === undefined ? sum : withParameter(sum, name, value)),
    url,
  )
}
