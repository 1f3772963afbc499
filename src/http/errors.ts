import { PREFIXES } from '../core/ids.ts'
import { maskPans } from '../core/pan-in-text.ts'
import type { RefusalCode } from '../flows/refusals.ts'

/** Stripe's error types, as far as we answer them. */
export type ErrorType = 'api_error' | 'card_error' | 'idempotency_error' | 'invalid_request_error'

/** What went wrong, before it is spelled for the wire. Flows' refusals are faults as they are. */
export type Fault = {
  readonly code: ErrorCode
  /** The parameter, in bracket notation. */
  readonly param?: string
  /** What the text may quote: never a secret, never card data. */
  readonly detail?: string
  /** What kind of object is missing, where the parameter's name does not say it. */
  readonly noun?: string
  /** The object that the error is about, as it is now: SDKs hand it on with the error. */
  readonly about?: { readonly payment_intent: object }
}

type Row = {
  readonly status: number
  readonly type: ErrorType
  /** For the page of errors: what happened, and what to do next. */
  readonly about: string
  readonly text: (fault: Fault) => string
}

const named = (fault: Fault): string => fault.param ?? 'the request'
const saying =
  (fallback: string) =>
  (fault: Fault): string =>
    fault.detail === undefined ? fallback : `Invalid ${named(fault)}: ${fault.detail}.`
const invalid = (about: string, text: (fault: Fault) => string, status = 400): Row => ({
  status,
  type: 'invalid_request_error',
  about,
  text,
})

/** What was typed as a card is none: Stripe's clients show these to the shopper. */
const cardError = (about: string, text: string): Row => ({ status: 402, type: 'card_error', about, text: () => text })

type EdgeCode =
  | 'account_invalid'
  | 'api_key_expired'
  | 'api_key_invalid'
  | 'api_key_missing'
  | 'body_invalid'
  | 'body_too_large'
  | 'card_number_refused'
  | 'content_encoding_unsupported'
  | 'content_type_unsupported'
  | 'door_not_available'
  | 'email_invalid'
  | 'expand_invalid'
  | 'feed_beyond_end'
  | 'feed_not_kept'
  | 'headers_too_large'
  | 'idempotency_key_invalid'
  | 'internal_error'
  | 'metadata_too_many_keys'
  | 'overloaded'
  | 'parameter_invalid_array'
  | 'parameter_invalid_boolean'
  | 'parameter_invalid_empty'
  | 'parameter_invalid_enum'
  | 'parameter_invalid_integer'
  | 'parameter_invalid_number'
  | 'parameter_invalid_object'
  | 'parameter_invalid_range'
  | 'parameter_invalid_string'
  | 'parameter_not_supported_yet'
  | 'parameter_too_long'
  | 'parameter_unknown'
  | 'parameters_exclusive'
  | 'request_malformed'
  | 'request_timeout'
  | 'receipt_not_asked_for'
  | 'search_query_invalid'
  | 'secret_key_required'
  | 'url_invalid'
  | 'too_many_waiting'
  | 'url_unknown'
export type ErrorCode = RefusalCode | EdgeCode

/** Every error of the native API, once. Status 409 is not here: clients of Stripe's take it for a request to repeat. */
export const ERRORS: { readonly [code in ErrorCode]: Row } = {
  account_invalid: invalid(
    'The Stripe-Account header names another account than the key belongs to. Leave the header out.',
    () => 'The Stripe-Account header names an account that this API key has no access to. Leave the header out.',
    403,
  ),
  amount_too_large: invalid(
    'The amount is more than can be taken: `amount_capturable` of a payment, what other refunds have left of a charge ' +
      '(they count as soon as they are accepted), or, of a new payment, 999999999999 minor units. The message says which.',
    saying('The amount is too large: at most 999999999999 of the currency’s smallest unit can be charged.'),
  ),
  amount_too_small: invalid(
    'The amount is below what a card payment is worth in this currency. Raise it, or make it zero.',
    saying('The amount is below the smallest that can be charged in this currency.'),
  ),
  api_key_expired: invalid(
    'The key was revoked. Use another key of the account, or make a new one.',
    ({ detail }) => `Expired API Key provided: ${detail ?? '****'}. Make a new key and use that.`,
    401,
  ),
  api_key_invalid: invalid(
    'The key is not one of ours: mistyped, cut off, or of another server. Copy it again.',
    ({ detail }) => `Invalid API Key provided: ${detail ?? '****'}`,
    401,
  ),
  api_key_missing: invalid(
    'The request has no key. Send `Authorization: Bearer sk_…`, or the key as the user name of basic auth.',
    () =>
      "You did not provide an API key. Send it in the Authorization header, as 'Authorization: Bearer YOUR_SECRET_KEY', " +
      'or as the user name of basic authentication.',
    401,
  ),
  body_invalid: invalid(
    'The body is not the form or the JSON that its Content-Type promises, or a limit of it is exceeded.',
    ({ param, detail }) => (param ? `Invalid ${param}: ${detail}.` : `Invalid request body: ${detail}.`),
  ),
  body_too_large: invalid(
    'The body is larger than 32 KB. Send less.',
    () => 'The request body is too large: at most 32 KB are read.',
    413,
  ),
  card_number_refused: invalid(
    'A text holds what looks like a card number. Card numbers belong in the card form alone; send a reference instead.',
    (fault) => `Invalid ${named(fault)}: it looks like a card number, which may not be stored here.`,
  ),
  charge_already_refunded: invalid(
    'All of the charge has been refunded, or is about to be.',
    () => 'The charge has already been refunded.',
  ),
  charge_expired_for_capture: invalid(
    'The authorization ran out before it was captured, so the money is no longer held. Ask the shopper to pay again.',
    () => 'The charge cannot be captured: its authorization has run out. Ask the customer to pay again.',
  ),
  charge_not_refundable: invalid(
    'Only captured money can be refunded. Cancel the payment to release money that is held.',
    () =>
      'There is no successful charge to refund: the money has not been captured. To release a hold, cancel the payment.',
  ),
  charge_unknown: invalid(
    'The provider has not said yet what became of an order about this charge. We keep asking; nothing else can be ' +
      'ordered until it is known, so that nothing happens twice. Wait for the event and try again.',
    ({ detail }) =>
      `The outcome of ${detail ?? 'the charge'} is not known yet; the provider is being asked. ` +
      'Nothing else can be done with the charge until then. Wait for its event, then decide again.',
  ),
  content_encoding_unsupported: invalid(
    'The body is compressed. Send it as it is.',
    () => 'Compressed request bodies are not read. Send the body without Content-Encoding.',
    415,
  ),
  content_type_unsupported: invalid(
    'The body is neither `application/x-www-form-urlencoded` nor `application/json`, in UTF-8.',
    () =>
      'Send the body as application/x-www-form-urlencoded or application/json, in UTF-8, and say so in Content-Type.',
    415,
  ),
  customer_deleted: invalid(
    'The customer was deleted. Make a new one.',
    (fault) => `The customer in ${named(fault)} has been deleted and can no longer be used.`,
  ),
  door_not_available: invalid(
    'The key is for clients of another API, which this server does not have yet. Use a key of the native API.',
    ({ detail }) =>
      `This API key is for the ${detail} API, which is not available yet. Use a key that was made with --door native.`,
    403,
  ),
  dispute_closed: invalid(
    'The dispute was closed before. There is nothing left to do.',
    () => 'This dispute is closed already.',
  ),
  email_invalid: invalid('The text is no email address.', ({ detail }) => `Invalid email address: ${detail ?? ''}`),
  endpoint_disabled: invalid(
    'The endpoint is disabled, so nothing is sent to it. Enable it with `disabled=false` first.',
    () => 'The webhook endpoint is disabled. Enable it with disabled=false, then send to it.',
  ),
  endpoint_url_refused: invalid(
    'Events cannot be delivered to this URL: it must be https on a public host.',
    saying('Events cannot be delivered to this URL: it must be https on a public host.'),
  ),
  expand_invalid: invalid(
    'A path in `expand` names a field that cannot be expanded, or is deeper than four levels.',
    ({ detail }) => `This property cannot be expanded (${detail ?? ''}).`,
  ),
  expected_amount_differs: invalid(
    'The amount that the request expects is not what the session collects. Read the session again.',
    ({ detail }) => `The session collects ${detail ?? 'another amount'}, which is not the expected_amount.`,
  ),
  expiry_out_of_range: invalid(
    '`expires_at` must be between 1 minute and 30 days from now, in Unix seconds.',
    saying('The `expires_at` timestamp must be between 1 minute and 30 days from now, in Unix seconds.'),
  ),
  feed_beyond_end: invalid(
    'No event has the number in `after` yet. Use the last number that you read; 0 begins with the first event.',
    ({ detail }) => `No event has the number ${detail}. Use the last number that you have read.`,
  ),
  feed_not_kept: invalid(
    'The events after this number are not kept any more. Read the objects that you know, then begin at the number named.',
    ({ detail }) => `The events after this number are not kept any more. The first that is kept is ${detail}.`,
    410,
  ),
  headers_too_large: invalid(
    'The request’s headers are larger than 8 KB.',
    () => 'The request headers are too large: at most 8 KB are read.',
    431,
  ),
  idempotency_key_invalid: invalid(
    'An Idempotency-Key is one header of 1 to 255 printable ASCII characters; a UUID is a good one.',
    ({ detail }) => `Invalid Idempotency-Key: ${detail ?? 'it must be 1 to 255 printable ASCII characters'}.`,
  ),
  idempotency_key_in_use: {
    status: 409,
    type: 'idempotency_error',
    about: 'The first request with this key is still being worked on. Repeat it in a moment.',
    text: () => 'The first request with this Idempotency-Key is still in progress. Repeat it in a moment.',
  },
  idempotency_mismatch: {
    status: 400,
    type: 'idempotency_error',
    about: 'The key was used before for another request. Repeat the first request exactly, or send a new key.',
    text: ({ param }) =>
      'Keys for idempotent requests can only be used with the same request they were first used with. ' +
      (param === undefined
        ? 'This key was used for another method or path. Use a new key.'
        : `The parameter ${param} differs. Repeat the first request exactly, or use a new key.`),
  },
  internal_error: {
    status: 500,
    type: 'api_error',
    about: 'Something failed on our side. Repeat the request with the same Idempotency-Key; name the request id to us.',
    text: () => 'Something went wrong on our side. Repeating the request with the same Idempotency-Key is safe.',
  },
  invalid_currency: invalid(
    'Not an active ISO 4217 code, or not the currency that the rest of the request has.',
    (fault) => `Invalid currency: ${fault.detail ?? 'give a three-letter ISO 4217 code in lower case, such as eur'}.`,
  ),
  invalid_cvc: cardError('The security code is missing or has the wrong length.', 'The security code is not correct.'),
  invalid_expiry: cardError('The expiry date is past, or no date.', 'The expiry date is not correct.'),
  invalid_number: cardError('The card number is incomplete or mistyped.', 'The card number is not correct.'),
  lookup_key_taken: invalid(
    'Another price has this lookup key. Choose another, or send `transfer_lookup_key=true`.',
    ({ detail }) =>
      `A price${detail === undefined ? '' : ` (${detail})`} already uses that lookup key. Use another one, or send ` +
      'transfer_lookup_key=true.',
  ),
  metadata_too_many_keys: invalid(
    'An object holds at most 50 metadata keys. Unset some with an empty value.',
    (fault) => `Invalid ${named(fault)}: at most 50 keys can be set on an object.`,
  ),
  overloaded: {
    status: 503,
    type: 'api_error',
    about: 'Too many requests wait for the database. Repeat after the Retry-After header’s seconds, with the same key.',
    text: () => 'The server is busy. Repeat the request in a moment with the same Idempotency-Key.',
  },
  parameter_invalid_array: invalid('A list was expected.', (fault) => `Invalid array: ${named(fault)} must be a list.`),
  parameter_invalid_boolean: invalid(
    '`true` or `false` was expected.',
    ({ detail }) => `Invalid boolean: ${detail ?? ''} (give true or false)`,
  ),
  parameter_invalid_empty: invalid(
    'The parameter is an empty string, and it cannot be unset. Send a value or leave it out.',
    ({ param }) =>
      `You passed an empty string for '${param}'. We assume empty values are an attempt to unset a parameter; ` +
      `however '${param}' cannot be unset. You should remove '${param}' from your request or supply a non-empty value.`,
  ),
  parameter_invalid_enum: invalid(
    'The value is not one of the allowed ones, which the message lists.',
    (fault) => `Invalid ${named(fault)}: must be one of ${fault.detail}`,
  ),
  parameter_invalid_integer: invalid(
    'A whole number was expected: digits alone in a form, a plain number in JSON.',
    ({ detail }) => `Invalid integer: ${detail ?? ''}`,
  ),
  parameter_invalid_number: invalid('A number was expected.', ({ detail }) => `Invalid number: ${detail ?? ''}`),
  parameter_invalid_object: invalid(
    'Named members were expected, such as `address[city]`.',
    (fault) => `Invalid object: ${named(fault)} must have named members.`,
  ),
  parameter_invalid_range: invalid(
    'The number is outside of what this parameter allows; the message says the range.',
    (fault) => `Invalid ${named(fault)}: ${fault.detail ?? 'it is out of range'}.`,
  ),
  parameter_invalid_string: invalid(
    'The text holds something that cannot be stored, such as control characters, or has another form than needed.',
    (fault) => `Invalid string: ${named(fault)} ${fault.detail ?? 'must be text'}.`,
  ),
  parameter_missing: invalid(
    'A required parameter is missing.',
    ({ param, detail }) => `Missing required param: ${param}${detail === undefined ? '' : ` (${detail})`}.`,
  ),
  parameter_not_supported_yet: invalid(
    'Stripe has this parameter or value; this server does not have it yet. Leave it out.',
    (fault) =>
      `${named(fault)}${fault.detail ? `=${fault.detail}` : ''} is not available yet. Remove it from the request.`,
  ),
  parameter_too_long: invalid(
    'The text is longer than this parameter allows; the message says the limit.',
    (fault) => `Invalid string: ${named(fault)} must be ${fault.detail ?? 'shorter'}.`,
  ),
  parameter_unknown: invalid(
    'No parameter of this name is known here. Check its spelling.',
    ({ param, detail }) => `Received unknown parameter: ${param}${detail ? `. Did you mean ${detail}?` : ''}`,
  ),
  parameters_exclusive: invalid(
    'Two parameters exclude each other. Send one of them.',
    ({ detail, param }) => `You may only specify one of these parameters: ${detail ?? param}.`,
  ),
  payment_intent_unexpected_state: invalid(
    'The payment’s state does not allow what was asked for. The message names the state.',
    ({ detail }) => `The PaymentIntent’s state does not allow this${detail === undefined ? '' : `: ${detail}`}.`,
  ),
  payment_method_unusable: invalid(
    'A payment method is good for one payment soon after it was made, or for the customer that it is attached to.',
    ({ detail }) =>
      'The payment method cannot be used: it was used before, is too old, or belongs to a customer who is not named' +
      `${detail === undefined ? '' : ` (${detail})`}. Collect the card again.`,
  ),
  payment_provider_missing: invalid(
    'No provider is connected that could take this payment in this mode.',
    () => 'No payment provider is connected for this mode.',
  ),
  price_inactive: invalid(
    'The price is archived. Use an active one, or activate it.',
    (fault) => `The price specified is inactive. ${named(fault)} only accepts active prices.`,
  ),
  price_recurring: invalid(
    'A Checkout Session in payment mode charges once, and the price is due again and again. Use a one-time price.',
    (fault) => `The price specified is recurring. ${named(fault)} only accepts one-time prices in payment mode.`,
  ),
  product_has_prices: invalid(
    'A product that ever had a price cannot be deleted. Archive it with `active=false`.',
    () => 'This product cannot be deleted because it has one or more prices. Archive it with active=false instead.',
  ),
  product_inactive: invalid(
    'The product is archived. Use an active one, or activate it.',
    (fault) => `The product specified is inactive. ${named(fault)} only accepts active products.`,
  ),
  refund_not_cancelable: invalid(
    'The refund is finished, or its provider cannot call it back.',
    ({ detail }) => `The refund cannot be canceled${detail === undefined ? '' : `: ${detail}`}.`,
  ),
  receipt_not_asked_for: invalid(
    'The session was made without `signed_receipt=true`, so it has no receipts. Read the session or its outcome instead.',
    () => 'The session was made without signed_receipt=true, so it has no receipts.',
  ),
  request_malformed: invalid(
    'The request is not HTTP/1.1 as we take it: one Host header, a target that begins with a slash, no odd framing.',
    ({ detail }) => `The request was refused: ${detail ?? 'it is not well-formed HTTP'}.`,
  ),
  request_timeout: invalid(
    'The request did not arrive whole in time. Repeat it with the same key.',
    () => 'The request did not arrive in time.',
    408,
  ),
  resource_missing: invalid(
    'There is no such object in this account and mode. A test key does not see live objects, nor a live key test ones.',
    (fault) => `No such ${fault.noun ?? nounOf(fault)}: '${fault.detail ?? ''}'`,
  ),
  return_url_refused: invalid(
    'A shopper may not be sent to this URL: https, or http on localhost in test mode, on an origin the account allows.',
    (fault) => `Not a valid URL: ${named(fault)} ${fault.detail ?? 'must be an https URL that the account allows'}.`,
  ),
  search_query_invalid: invalid(
    'The search query cannot be read; the message says where. Clauses are `field:"value"`, joined by AND or by OR.',
    ({ detail }) => `We were unable to parse your search query: ${detail ?? 'it is not well-formed'}.`,
  ),
  secret_key_required: invalid(
    'The key is a publishable one, which browsers may know. This call needs the secret key.',
    () => 'This API call cannot be made with a publishable API key. Please use a secret API key.',
    403,
  ),
  session_not_open: invalid(
    'The session is complete, closed or being paid. Only an open one can be changed or expired.',
    ({ detail }) => `Only Checkout Sessions with a status in ["open"] can be changed${detail ? `: ${detail}` : ''}.`,
  ),
  stale: {
    status: 503,
    type: 'api_error',
    about: 'Others kept changing the same object. Repeat the request with the same Idempotency-Key.',
    text: () => 'The object is being changed by other requests. Repeat the request with the same Idempotency-Key.',
  },
  tax_behavior_fixed: invalid(
    'A price that says whether tax is included keeps saying so. Make a new price.',
    () => 'The tax_behavior of a price cannot be changed once it is exclusive or inclusive. Make a new price instead.',
  ),
  test_mode_only: invalid(
    'What listens on a developer’s machine hears of test mode alone. Use a test key.',
    () => 'This is a convenience of test mode. Use a test key, sk_test_….',
    403,
  ),
  too_many_endpoints: invalid(
    'An account has at most 100 webhook endpoints in each mode. Delete one that is not used.',
    () => 'An account can have at most 100 webhook endpoints in each mode. Delete one that is not used any more.',
  ),
  too_many_refunds: invalid(
    'A charge can be refunded in at most 500 parts. Refund the rest in one.',
    () => 'A charge can have at most 500 refunds.',
  ),
  too_many_waiting: invalid(
    'Too many of the account’s requests wait at this moment. Let some of them end, or ask without `wait`.',
    ({ detail }) =>
      `At most ${detail ?? 'so many'} requests of an account can wait at a time. Let some of them end first.`,
    429,
  ),
  url_invalid: invalid(
    'The text is no absolute URL.',
    (fault) => `Not a valid URL: ${named(fault)} must be an https URL.`,
  ),
  url_unknown: invalid(
    'No such path, or not with this method. Check both.',
    ({ detail }) => `Unrecognized request URL (${detail ?? ''}). Check the method and the path.`,
    404,
  ),
}

/** Codes whose request may be repeated as it is: the SDKs obey `Stripe-Should-Retry`. */
export const REPEATABLE: ReadonlySet<ErrorCode> = new Set([
  'idempotency_key_in_use',
  'overloaded',
  'stale',
  'internal_error',
  'request_timeout',
  'too_many_waiting',
])

/** An object that the path names is not found, one that a parameter names makes the request wrong. */
export function statusOf(fault: Fault): number {
  if (fault.code === 'resource_missing') return fault.param === undefined || fault.param === 'id' ? 404 : 400
  return ERRORS[fault.code].status
}

/** The wire's error object. Whatever a text quotes is short and holds no card number. */
export function renderError(fault: Fault, publicUrl: string, requestId: string): object {
  const { type, text } = ERRORS[fault.code]
  const quoted = fault.detail === undefined ? fault : { ...fault, detail: shown(fault.detail) }
  const param = fault.param ?? (fault.code === 'resource_missing' ? 'id' : undefined)
  return {
    error: {
      code: fault.code,
      doc_url: `${publicUrl}/docs/errors#${fault.code}`,
      message: text(quoted),
      ...(param === undefined ? {} : { param }),
      ...fault.about,
      request_id: requestId,
      type,
    },
  }
}

function shown(detail: string): string {
  const plain = maskPans(detail)
    .replace(/\p{Cc}|\p{Cf}/gu, ' ')
    .toWellFormed()
  return plain.length > 300 ? `${plain.slice(0, 300).toWellFormed()}…` : plain
}

/** `line_items[0][price]` is a price; else the name itself says what it wanted to be. */
function nounOf({ param, detail }: Fault): string {
  const last = /([a-z_]+)\]?$/.exec(param ?? '')?.[1]
  if (last !== undefined && Object.hasOwn(PREFIXES, last)) return last
  const kind = Object.entries(PREFIXES).find(([, prefix]) => detail?.startsWith(prefix))?.[0]
  const nouns: Readonly<Record<string, string>> = { session: 'checkout.session', payment: 'payment_intent' }
  return kind === undefined ? 'object' : (nouns[kind] ?? kind)
}

/** Ends a request with a fault, from wherever in this room it is noticed; the error handler spells it. */
export class Refused extends Error {
  override readonly name = 'Refused'
  readonly fault: Fault
  /** For a room that spells its answers in its own way: the page. */
  readonly statusCode: number
  constructor(fault: Fault) {
    super(fault.code)
    this.fault = fault
    this.statusCode = statusOf(fault)
  }
}
