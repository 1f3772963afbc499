/**
 * What a decline means, once for everybody: which of seven sentences the shopper reads, whether the same card may try
 * again, and what the API says in Stripe's words. The connector's raw code stays beside it for the operator.
 */
export type DeclineClass = 'details' | 'funds' | 'support' | 'bank' | 'verify' | 'later' | 'mode'

/** `same`: this card may try again; `other`: another one may; `none`: the same request can never succeed. */
export type Retry = 'same' | 'other' | 'none'

export type DeclineFacts = {
  readonly class: DeclineClass
  readonly retry: Retry
  /** Stripe's `code`, and `decline_code` where Stripe gives one. */
  readonly code: string
  readonly declineCode: string | undefined
  readonly message: string
  /** The field of the card form that has to change; only in class `details`. */
  readonly field: 'cardNumber' | 'cardExpiry' | 'cardCvc' | 'billingPostalCode' | undefined
}

type Row = readonly [DeclineClass, Retry, code: string, declineCode?: string | undefined, field?: DeclineFacts['field']]

const CARD = 'card_declined'
const bank = (declineCode: string): Row => ['bank', 'other', CARD, declineCode]

const ROWS = {
  incorrect_number: ['details', 'same', 'incorrect_number', undefined, 'cardNumber'],
  invalid_expiry: ['details', 'same', 'invalid_expiry_year', undefined, 'cardExpiry'],
  expired_card: ['details', 'other', 'expired_card', undefined, 'cardExpiry'],
  incorrect_cvc: ['details', 'same', 'incorrect_cvc', undefined, 'cardCvc'],
  incorrect_postal: ['details', 'same', 'incorrect_zip', undefined, 'billingPostalCode'],
  insufficient_funds: ['funds', 'other', CARD, 'insufficient_funds'],
  limit_exceeded: ['funds', 'other', CARD, 'withdrawal_count_limit_exceeded'],
  velocity_exceeded: ['funds', 'other', CARD, 'card_velocity_exceeded'],
  card_not_supported: ['support', 'other', CARD, 'card_not_supported'],
  currency_not_supported: ['support', 'other', CARD, 'currency_not_supported'],
  transaction_not_allowed: ['support', 'other', CARD, 'transaction_not_allowed'],
  do_not_honor: bank('do_not_honor'),
  generic_decline: bank('generic_decline'),
  call_issuer: bank('call_issuer'),
  lost_card: bank('lost_card'),
  stolen_card: bank('stolen_card'),
  pickup_card: bank('pickup_card'),
  restricted_card: bank('restricted_card'),
  fraudulent: bank('fraudulent'),
  authentication_required: ['verify', 'same', 'authentication_required', 'authentication_required'],
  authentication_not_handled: ['verify', 'same', 'authentication_required', 'authentication_not_handled'],
  authentication_failed: ['verify', 'same', 'payment_intent_authentication_failure'],
  authentication_abandoned: ['verify', 'same', 'payment_intent_authentication_failure'],
  authentication_timeout: ['verify', 'same', 'payment_intent_authentication_failure'],
  issuer_unavailable: ['later', 'same', CARD, 'issuer_not_available'],
  processing_error: ['later', 'same', 'processing_error'],
  // The provider does not know the shop: no card can change that, and nobody is told more than that it did not work.
  credentials_refused: ['later', 'none', 'processing_error'],
  try_again: ['later', 'same', CARD, 'try_again_later'],
  test_card_in_live: ['mode', 'other', CARD, 'live_mode_test_card'],
  live_card_in_test: ['mode', 'other', CARD, 'test_mode_live_card'],
} as const satisfies Record<string, Row>

/** Our closed list of decline codes: connectors map what their provider says onto it. */
export type DeclineCode = keyof typeof ROWS
export const DECLINE_CODES = Object.keys(ROWS) as readonly DeclineCode[]

const MESSAGES: Record<string, string> = {
  incorrect_number: 'The card number is not correct.',
  invalid_expiry_year: 'The expiry date is not correct.',
  expired_card: 'The card has expired.',
  incorrect_cvc: 'The security code is not correct.',
  incorrect_zip: 'The postal code does not match the card.',
  processing_error: 'The card could not be processed just now. Try again in a moment.',
  authentication_required: 'The bank asks the cardholder to confirm this payment.',
  authentication_not_handled:
    'The bank asks the cardholder to confirm this payment, and the request allowed for no such step.',
  payment_intent_authentication_failure: 'The cardholder did not confirm this payment.',
  insufficient_funds: 'The card does not have enough funds.',
  withdrawal_count_limit_exceeded: 'The card has reached a limit for amount or number of payments.',
  card_velocity_exceeded: 'The card has reached a limit for amount or number of payments.',
  card_not_supported: 'The card cannot be used for this kind of payment.',
  currency_not_supported: 'The card cannot be used in this currency.',
  transaction_not_allowed: 'The card cannot be used for this kind of payment.',
  issuer_not_available: 'The bank that issued the card did not answer.',
  try_again_later: 'The bank asks to try again later.',
  live_mode_test_card: 'A test card was used for a live payment.',
  test_mode_live_card: 'A real card was used for a test payment.',
}

/** Total: a code nobody has heard of is a decline by the bank. */
export function declineFacts(code: string): DeclineFacts {
  const known: Row = Object.hasOwn(ROWS, code) ? ROWS[code as DeclineCode] : bank('generic_decline')
  const [declineClass, retry, apiCode, declineCode, field] = known
  return {
    class: declineClass,
    retry,
    code: apiCode,
    declineCode,
    message: MESSAGES[declineCode ?? apiCode] ?? 'The card was declined.',
    field,
  }
}

/** After this many declines in a session every further one reads like class `bank`: no oracle for card testing. */
const DETAILED_DECLINES = 3

/** @param count declines in this session, this one included */
export function shownDeclineClass(code: string, count: number): DeclineClass {
  return count > DETAILED_DECLINES ? 'bank' : declineFacts(code).class
}
