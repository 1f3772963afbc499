import type { RefusalCode } from '../flows/refusals.ts'
import { cardError, type ErrorRow, invalid, named, nounOf, saying } from './error-row.ts'

/** How every refusal of a flow reads on the wire. */
export const REFUSAL_ERRORS: { readonly [code in RefusalCode]: ErrorRow } = {
  amount_too_large: invalid(
    'The amount is more than can be taken: `amount_capturable` of a payment, what other refunds have left of a charge ' +
      '(they count as soon as they are accepted), or, of a new payment, 999999999999 minor units. The message says which.',
    saying('The amount is too large: at most 999999999999 of the currency’s smallest unit can be charged.'),
  ),
  amount_too_small: invalid(
    'The amount is below what a card payment is worth in this currency. Raise it, or make it zero.',
    saying('The amount is below the smallest that can be charged in this currency.'),
  ),
  charge_already_refunded: invalid(
    'All of the charge has been refunded, or is about to be.',
    () => 'The charge has already been refunded.',
  ),
  charge_disputed: invalid(
    'The issuer has taken the money back. Answer the dispute, or leave it: a refund would give it back a second time.',
    () => 'The charge you’re attempting to refund has been charged back.',
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
  customer_deleted: invalid(
    'The customer was deleted. Make a new one.',
    (fault) => `The customer in ${named(fault)} has been deleted and can no longer be used.`,
  ),
  dispute_closed: invalid(
    'The dispute was closed before. There is nothing left to do.',
    () => 'This dispute is closed already.',
  ),
  dispute_refused: invalid(
    'The provider did not take the answer to the dispute, or takes none. Read the dispute: it may be decided already.',
    ({ detail }) =>
      `The provider did not take the answer to this dispute${detail === undefined ? '' : ` (${detail})`}.`,
  ),
  dispute_submitted: invalid(
    'Evidence is submitted once, and this dispute has been answered. The issuer decides next.',
    () => 'Evidence for this dispute has been submitted already, and cannot be changed any more.',
  ),
  door_without_events: invalid(
    'The front door tells no events, so it has no webhook endpoints. Choose another `door`.',
    ({ detail }) => `There are no webhook endpoints for the door ${detail ?? 'named'}: it tells no events.`,
  ),
  endpoint_disabled: invalid(
    'The endpoint is disabled, so nothing is sent to it. Enable it with `disabled=false` first.',
    () => 'The webhook endpoint is disabled. Enable it with disabled=false, then send to it.',
  ),
  endpoint_secret_refused: invalid(
    'A signing secret of your own has 8 to 200 visible characters, and the native door makes its secrets itself.',
    saying('A signing secret of your own has 8 to 200 visible characters.'),
  ),
  endpoint_url_refused: invalid(
    'Events cannot be delivered to this URL: it must be https on a public host.',
    saying('Events cannot be delivered to this URL: it must be https on a public host.'),
  ),
  event_not_told: invalid(
    'The front door of the endpoint has no words for this event, or the event is none that goes to its address.',
    ({ detail }) => `This event is not told to endpoints of the door ${detail ?? 'named'}.`,
  ),
  expected_amount_differs: invalid(
    'The amount that the request expects is not what the session collects. Read the session again.',
    ({ detail }) => `The session collects ${detail ?? 'another amount'}, which is not the expected_amount.`,
  ),
  expiry_out_of_range: invalid(
    '`expires_at` must be between 1 minute and 30 days from now, in Unix seconds.',
    saying('The `expires_at` timestamp must be between 1 minute and 30 days from now, in Unix seconds.'),
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
  parameter_invalid_enum: invalid(
    'The value is not one of the allowed ones, which the message lists.',
    (fault) => `Invalid ${named(fault)}: ${fault.detail}`,
  ),
  parameter_missing: invalid(
    'A required parameter is missing.',
    ({ param, detail }) => `Missing required param: ${param}${detail === undefined ? '' : ` (${detail})`}.`,
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
  refund_not_waiting: invalid(
    'The refund does not wait for approval: it was approved or rejected, or nobody was to be asked.',
    ({ detail }) => `The refund does not wait for approval${detail === undefined ? '' : `: ${detail}`}.`,
  ),
  resource_missing: invalid(
    'There is no such object in this account and mode. A test key does not see live objects, nor a live key test ones.',
    (fault) => `No such ${fault.noun ?? nounOf(fault)}: '${fault.detail ?? ''}'`,
  ),
  return_url_refused: invalid(
    'A shopper may not be sent to this URL: https, or http on localhost in test mode, on an origin the account allows.',
    (fault) => `Not a valid URL: ${named(fault)} ${fault.detail ?? 'must be an https URL that the account allows'}.`,
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
}
