export type DeclineCode =
  | 'generic_decline'
  | 'insufficient_funds'
  | 'lost_card'
  | 'stolen_card'
  | 'expired_card'
  | 'incorrect_cvc'
  | 'incorrect_number'
  | 'invalid_card_details'
  | 'processing_error'
  | 'card_velocity_exceeded'
  | 'authentication_required'
  | 'authentication_failed'
  | 'authentication_unavailable'
  | 'testmode_decline'
  | ExpectedError

/** What an order may ask for in `expected_error`, whatever its card: the errors of HSRC Pay's sandbox. */
export const EXPECTED_ERRORS = [
  'invalid_payment_method',
  'invalid_currency',
  'invalid_credentials',
  'invalid_api_key',
  'system_proxy_timeout',
  'system_network_other',
  'system_network_econnreset',
  'system_unknown',
] as const
export type ExpectedError = (typeof EXPECTED_ERRORS)[number]

export type Decline = { readonly code: DeclineCode; readonly network_code: string; readonly message: string }

/** Every decline the bank knows. The network code is the response code of ISO 8583 field 39 as the networks use it. */
export const DECLINES = {
  generic_decline: decline('generic_decline', '05', 'Do not honor.'),
  insufficient_funds: decline('insufficient_funds', '51', 'Insufficient funds.'),
  lost_card: decline('lost_card', '41', 'Lost card, pick up.'),
  stolen_card: decline('stolen_card', '43', 'Stolen card, pick up.'),
  expired_card: decline('expired_card', '54', 'Expired card.'),
  incorrect_cvc: decline('incorrect_cvc', 'N7', 'The CVC does not match.'),
  incorrect_number: decline('incorrect_number', '14', 'Invalid card number.'),
  invalid_card_details: decline('invalid_card_details', '14', 'Invalid sandbox test card.'),
  processing_error: decline('processing_error', '96', 'System malfunction.'),
  card_velocity_exceeded: decline('card_velocity_exceeded', '65', 'Exceeds the withdrawal frequency limit.'),
  /** The soft decline: the same order may be sent again with `three_d_secure`. */
  authentication_required: decline('authentication_required', '1A', 'The issuer asks for 3-D Secure.'),
  authentication_failed: decline('authentication_failed', '05', 'The cardholder was not authenticated.'),
  authentication_unavailable: decline('authentication_unavailable', '91', 'The issuer could not authenticate.'),
  testmode_decline: decline(
    'testmode_decline',
    '57',
    'Not a test card: the sandbox bank approves published test numbers only.',
  ),
  invalid_payment_method: decline('invalid_payment_method', '14', 'Invalid sandbox test card.'),
  invalid_currency: decline('invalid_currency', '57', 'The currency is not taken.'),
  invalid_credentials: decline('invalid_credentials', '03', 'The merchant’s credentials are wrong.'),
  invalid_api_key: decline('invalid_api_key', '03', 'The merchant’s API key is wrong.'),
  system_proxy_timeout: decline('system_proxy_timeout', '91', 'The issuer did not answer in time.'),
  system_network_other: decline('system_network_other', '91', 'The issuer could not be reached.'),
  system_network_econnreset: decline('system_network_econnreset', '91', 'The line to the issuer broke.'),
  system_unknown: decline('system_unknown', '96', 'System malfunction.'),
} as const satisfies Record<DeclineCode, Decline>

function decline(code: DeclineCode, network_code: string, message: string): Decline {
  return { code, network_code, message }
}
