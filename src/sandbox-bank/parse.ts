import { Refusal } from './answer.ts'
import { EXPECTED_ERRORS, type ExpectedError } from './declines.ts'
import { Fields, nameable } from './fields.ts'
import { cvcLengthOf, type PresentedCard } from './judge-card.ts'
import { parseThreeDSecure, type ThreeDSecureOrder } from './parse-three-d-secure.ts'

export type AuthorizationOrder = {
  readonly reference: string
  readonly amount: number
  readonly currency: string
  readonly capture: boolean
  readonly statementDescriptor: string | undefined
  readonly card: PresentedCard
  readonly threeDSecure: ThreeDSecureOrder | undefined
  /** How the order is to fail, whatever its card. */
  readonly expectedError: ExpectedError | undefined
}
export type OperationOrder = { readonly reference: string; readonly amount: number | undefined }
export type Page = { readonly after: number; readonly limit: number }

/** ISO 8583 field 4 has twelve digits. Every such amount is exact in a JSON number. */
export const LARGEST_AMOUNT = 999_999_999_999

/** @throws Refusal naming the first field that is wrong; a field the bank does not know is wrong too */
export function parseAuthorization(body: unknown): AuthorizationOrder {
  const fields = new Fields(body, '', [
    'reference',
    'amount',
    'currency',
    'capture',
    'statement_descriptor',
    'card',
    'three_d_secure',
    'expected_error',
  ])
  const given = new Fields(fields.raw('card'), 'card.', [
    'number',
    'exp_month',
    'exp_year',
    'cvc',
    'name',
    'postal_code',
  ])
  const number = given.text('number', /^[0-9]{12,19}$/, 'must be 12 to 19 digits')
  const cvcLength = cvcLengthOf(number)
  const order = {
    reference: fields.text('reference', REFERENCE, REFERENCE_RULE),
    amount: fields.integer('amount', 1, LARGEST_AMOUNT),
    currency: fields.text('currency', /^[A-Z]{3}$/, 'must be three capital letters (ISO 4217)'),
    capture: fields.boolean('capture'),
    statementDescriptor: fields.optionalText(
      'statement_descriptor',
      /^[ -~]{1,22}$/,
      'must be 1 to 22 ASCII characters',
    ),
    card: {
      number,
      expMonth: given.digits('exp_month', 1, 12),
      expYear: given.digits('exp_year', 2000, 2099),
      cvc: given.optionalText('cvc', cvcLength === 4 ? /^[0-9]{4}$/ : /^[0-9]{3}$/, `must be ${cvcLength} digits`),
      name: given.optionalText('name', /^[^\p{Cc}]{1,200}$/u, 'must be 1 to 200 characters without control characters'),
      postalCode: given.optionalText('postal_code', /^[^\p{Cc}]{1,32}$/u, 'must be 1 to 32 characters'),
    },
    expectedError: parseExpectedError(fields),
    threeDSecure: fields.absent('three_d_secure') ? undefined : parseThreeDSecure(fields.raw('three_d_secure')),
  }
  // These are kept and shown, so the card's own number must not hide in them.
  refuseCardNumberIn(order.reference, number, 'reference')
  refuseCardNumberIn(order.statementDescriptor, number, 'statement_descriptor')
  refuseCardNumberIn(order.threeDSecure?.returnUrl, number, 'three_d_secure.return_url')
  return order
}

function parseExpectedError(fields: Fields): ExpectedError | undefined {
  const rule = `must be one of ${EXPECTED_ERRORS.join(', ')}`
  const asked = fields.optionalText('expected_error', new RegExp(`^(?:${EXPECTED_ERRORS.join('|')})$`), rule)
  return EXPECTED_ERRORS.find((error) => error === asked)
}

/** @param takesAmount a void is always of everything that is held */
export function parseOperation(body: unknown, takesAmount: boolean): OperationOrder {
  const fields = new Fields(body, '', takesAmount ? ['reference', 'amount'] : ['reference'])
  return {
    reference: fields.text('reference', REFERENCE, REFERENCE_RULE),
    amount: fields.absent('amount') ? undefined : fields.integer('amount', 1, LARGEST_AMOUNT),
  }
}

/** The texts of `evidence`, in the order of their names. Files are not taken. */
export function parseEvidence(body: unknown): Readonly<Record<string, string>> {
  const fields = new Fields(body, '', ['evidence'])
  const given = Object.entries(fields.raw('evidence') ?? {}).sort(([one], [other]) => (one < other ? -1 : 1))
  const evidence = Object.fromEntries(given)
  const texts = new Fields(evidence, 'evidence.', EVIDENCE)
  for (const name of Object.keys(evidence)) texts.text(name, /^[^\0]{1,20000}$/u, 'must be 1 to 20000 characters')
  if (given.length === 0) throw new Refusal('invalid_request', 'Send some evidence.', 'evidence')
  return evidence as Readonly<Record<string, string>>
}

const EVIDENCE = [
  'access_activity_log',
  'billing_address',
  'cancellation_policy_disclosure',
  'cancellation_rebuttal',
  'customer_email_address',
  'customer_name',
  'customer_purchase_ip',
  'duplicate_charge_explanation',
  'duplicate_charge_id',
  'product_description',
  'refund_policy_disclosure',
  'refund_refusal_explanation',
  'service_date',
  'shipping_address',
  'shipping_carrier',
  'shipping_date',
  'shipping_tracking_number',
  'uncategorized_text',
]

/** An order that says all in its path. */
export function parseNothing(body: unknown): void {
  new Fields(body, '', [])
}

export function parseReferenceQuery(query: URLSearchParams): string {
  const asked = new Fields(readQuery(query), '', ['reference'])
  return asked.text('reference', REFERENCE, REFERENCE_RULE)
}

export function parseBooksQuery(query: URLSearchParams): Page & { readonly merchant: string | undefined } {
  const asked = new Fields(readQuery(query), '', ['merchant', 'cursor', 'limit'])
  return {
    merchant: asked.optionalText('merchant', MERCHANT, 'must be a merchant id'),
    after: asked.optionalDigits('cursor', 0, Number.MAX_SAFE_INTEGER) ?? 0,
    limit: asked.optionalDigits('limit', 1, LARGEST_PAGE) ?? 100,
  }
}

export function parseOperationsQuery(query: URLSearchParams): { readonly after: string; readonly limit: number } {
  const asked = new Fields(readQuery(query), '', ['cursor', 'limit'])
  const after = asked.optionalText('cursor', /^[a-z0-9_]{1,64}$/, 'must be the id of an operation')
  return { after: after ?? '', limit: asked.optionalDigits('limit', 1, LARGEST_PAGE) ?? 100 }
}

/** The merchant behind `Authorization: Bearer bank_<merchant>`. */
export function parseMerchantKey(header: string | undefined): string {
  const merchant = /^Bearer bank_([A-Za-z0-9_-]{1,64})$/.exec(header ?? '')?.[1]
  if (merchant === undefined)
    throw new Refusal('unauthorized', 'Send Authorization: Bearer bank_<merchant>, 1 to 64 letters, digits, _ or -.')
  return merchant
}

export function parseIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  if (typeof header === 'string' && /^[!-~]{1,255}$/.test(header)) return header
  throw new Refusal('invalid_request', 'Idempotency-Key must be 1 to 255 visible ASCII characters.', 'Idempotency-Key')
}

export function refuseCardNumberIn(text: string | undefined, number: string, field: string): void {
  if (text?.replaceAll(/[^0-9]/g, '').includes(number))
    throw new Refusal('invalid_request', `${field} must not contain the card number.`, field)
}

export const MERCHANT = /^[A-Za-z0-9_-]{1,64}$/
export const REFERENCE = /^[!-~]{1,128}$/
export const REFERENCE_RULE = 'must be 1 to 128 visible ASCII characters'
const LARGEST_PAGE = 1000

export function readQuery(query: URLSearchParams): Record<string, string> {
  const read: Record<string, string> = Object.create(null)
  for (const [name, value] of query) {
    if (name in read) throw new Refusal('invalid_request', 'A parameter is given twice.', nameable(name))
    read[name] = value
  }
  return read
}
