import type { Static } from '@fastify/type-provider-typebox'
import type { Session } from '../../../core/session.ts'
import { MOST_TRIES } from '../../../core/session-limits.ts'
import type { NewSessionInput } from '../../../flows/session-input.ts'
import { LOCALES } from '../../api/sessions/parameters.ts'
import { given, newMetadata, requireCurrency } from '../../api/sessions/parse-session.ts'
import { Refused } from '../../errors.ts'
import { integer, later, metadata, oneOf, openObject, optional, text } from '../../parameters/fields.ts'
import { billingOf, type CustomerDetails, customerDetails } from './customer.ts'
import { parseBpcTime } from './times.ts'

export const amount = () => integer(1, 999_999_999_999)
export const captureMethod = () => optional(oneOf(['automatic', 'manual']))
export const merchantReferenceId = () => optional(text(200))
export const merchantCustomerId = () =>
  optional(text(50, { minLength: 8, pattern: '^[0-9A-Za-z_-]+$', shape: 'must be letters, digits, _ and - only' }))
/** An empty category says that nothing is to be stored, which is all that can be said so far. */
export const setupFutureUsage = () => optional(openObject({ category: later() }))

const LANGUAGE = { pattern: '^[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*$', shape: 'must be a language tag, such as EN' }

export const CreateSession = openObject({
  amount: amount(),
  currency: text(3),
  customerDetails: customerDetails(),
  expiresAt: optional(text(40)),
  failureUrl: text(5000),
  locale: optional(text(35, LANGUAGE)),
  merchantCustomerId: merchantCustomerId(),
  merchantReferenceId: merchantReferenceId(),
  metadata: optional(metadata()),
  paymentData: optional(openObject({ captureMethod: captureMethod(), maxAttempts: optional(integer(1, MOST_TRIES)) })),
  setupFutureUsage: setupFutureUsage(),
  successUrl: text(5000),
})
type CreateSessionBody = Static<typeof CreateSession>

/** What the shop hears again as it said it, where no other door wants to know. */
export type SessionNotes = {
  readonly currency?: string
  readonly customerDetails?: CustomerDetails
  readonly locale?: string
  readonly merchantCustomerId?: string
}

/** Another door's sessions have no such notes. */
export const notesOf = ({ door, document }: Pick<Session, 'door' | 'document'>): SessionNotes =>
  door === 'bpc' ? ((document.dialect ?? {}) as SessionNotes) : {}

export function parseNewSession(body: CreateSessionBody): NewSessionInput {
  const currency = requireCurrency(body.currency, 'currency')
  const { merchantReferenceId: reference, paymentData } = body
  const notes: SessionNotes = given({
    currency: body.currency,
    customerDetails: body.customerDetails,
    locale: body.locale,
    merchantCustomerId: body.merchantCustomerId,
  })
  const name = reference === undefined ? 'Payment' : `Order ${reference}`
  return given({
    lineItems: [{ priceData: { currency, unitAmount: BigInt(body.amount), productData: { name } }, quantity: 1 }],
    successUrl: absoluteUrl(body.successUrl, 'successUrl'),
    failureUrl: absoluteUrl(body.failureUrl, 'failureUrl'),
    expiresAt: body.expiresAt === undefined ? undefined : parseExpiry(body.expiresAt),
    clientReferenceId: reference,
    customerEmail: billingOf(body.customerDetails).email,
    metadata: newMetadata(body.metadata),
    locale: pageLocale(body.locale),
    maxTries: paymentData?.maxAttempts,
    paymentTemplate: paymentData?.captureMethod && { captureMethod: paymentData.captureMethod },
    dialect: notes,
  })
}

/** Status 412 is for URLs that the account does not allow; what is no URL at all is an ordinary mistake. */
export function absoluteUrl(url: string, param: string): string {
  if (URL.canParse(url)) return url
  throw new Refused({ code: 'parameter_invalid_string', param, detail: 'must be an absolute URL' })
}

function parseExpiry(text: string): Date {
  const moment = parseBpcTime(text)
  if (moment) return moment
  const detail = 'must be a time such as 2023-10-31T12:20:00Z'
  throw new Refused({ code: 'parameter_invalid_string', param: 'expiresAt', detail })
}

/** The page's own name of a language, in whatever case it is sent; of others the shopper's browser decides. */
function pageLocale(text: string | undefined): string | undefined {
  const wanted = text?.toLowerCase().replaceAll('_', '-')
  return LOCALES.find((locale) => locale.toLowerCase() === wanted)
}
