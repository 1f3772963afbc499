/**
 * The test cards: the only numbers that the sandbox bank approves, and what each of the others is for. The first groups
 * are the numbers published in Stripe's testing documentation (and 4111…1111, which every gateway knows); the last six
 * are those of HSRC Pay's open sandbox bank, which fail the Luhn check. 3-D Secure gets a column of its own here.
 */
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
  | 'testmode_decline'

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
  testmode_decline: decline(
    'testmode_decline',
    '57',
    'Not a test card: the sandbox bank approves published test numbers only.',
  ),
} as const satisfies Record<DeclineCode, Decline>

export type Brand = 'visa' | 'mastercard' | 'amex' | 'discover' | 'diners' | 'jcb' | 'unionpay' | 'troy' | 'unknown'
export type Funding = 'credit' | 'debit' | 'prepaid' | 'unknown'

export type TestCard = {
  /** The row's name: what the bank's books keep instead of the number. */
  readonly id: string
  readonly number: string
  readonly brand: Brand
  readonly funding: Funding
  readonly outcome: 'approve' | DeclineCode
  /**
   * `any`: every CVC of the brand's length matches; `fails`: none does; digits: only these. A missing CVC is never
   * wrong.
   */
  readonly cvc: 'any' | 'fails' | `${number}`
  /** `any`: every month that has not passed. */
  readonly expiry: 'any' | { readonly month: number; readonly year: number }
  readonly postal: 'any' | 'fails'
  readonly purpose: string
}

export const TEST_CARDS: readonly TestCard[] = [
  approves('visa', '4242424242424242', 'visa', 'credit', 'Visa, approved'),
  approves('visa_classic', '4111111111111111', 'visa', 'credit', 'Visa, approved'),
  approves('visa_debit', '4000056655665556', 'visa', 'debit', 'Visa debit, approved'),
  approves('mastercard', '5555555555554444', 'mastercard', 'credit', 'Mastercard, approved'),
  approves('mastercard_2_series', '2223003122003222', 'mastercard', 'credit', 'Mastercard of the 2 series, approved'),
  approves('mastercard_debit', '5200828282828210', 'mastercard', 'debit', 'Mastercard debit, approved'),
  approves('mastercard_prepaid', '5105105105105100', 'mastercard', 'prepaid', 'Mastercard prepaid, approved'),
  approves('amex', '378282246310005', 'amex', 'credit', 'American Express, approved'),
  approves('amex_second', '371449635398431', 'amex', 'credit', 'American Express, approved'),
  approves('discover', '6011111111111117', 'discover', 'credit', 'Discover, approved'),
  approves('discover_second', '6011000990139424', 'discover', 'credit', 'Discover, approved'),
  approves('diners', '3056930009020004', 'diners', 'credit', 'Diners Club, approved'),
  approves('diners_14', '36227206271667', 'diners', 'credit', 'Diners Club with 14 digits, approved'),
  approves('jcb', '3566002020360505', 'jcb', 'credit', 'JCB, approved'),
  approves('unionpay', '6200000000000005', 'unionpay', 'credit', 'UnionPay, approved'),

  {
    ...approves('cvc_check_fails', '4000000000000101', 'visa', 'credit', 'Approved, the CVC check fails'),
    cvc: 'fails',
  },
  {
    ...approves('postal_check_fails', '4000000000000036', 'visa', 'credit', 'Approved, the postal check fails'),
    postal: 'fails',
  },

  declines('generic_decline', '4000000000000002', 'Declined without a reason'),
  declines('insufficient_funds', '4000000000009995', 'Declined: insufficient funds'),
  declines('lost_card', '4000000000009987', 'Declined: lost card'),
  declines('stolen_card', '4000000000009979', 'Declined: stolen card'),
  declines('expired_card', '4000000000000069', 'Declined: expired card'),
  { ...declines('incorrect_cvc', '4000000000000127', 'Declined: incorrect CVC'), cvc: 'fails' },
  declines('processing_error', '4000000000000119', 'Declined: processing error'),
  declines('incorrect_number', '4242424242424241', 'Declined: incorrect number, fails the Luhn check'),
  declines('card_velocity_exceeded', '4000000000006975', 'Declined: used too often'),

  exact('hsrc_visa', '4991001823456701', 'visa', { month: 5, year: 2028 }, '123'),
  exact('hsrc_mastercard', '5991029876543210', 'mastercard', { month: 8, year: 2030 }, '456'),
  exact('hsrc_amex', '379103823456701', 'amex', { month: 11, year: 2029 }, '1234'),
  exact('hsrc_troy', '9792049876543211', 'troy', { month: 4, year: 2029 }, '666'),
  exact('hsrc_visa_second', '4992001234567890', 'visa', { month: 10, year: 2031 }, '555'),
  exact('hsrc_unionpay', '6295018765432109', 'unionpay', { month: 1, year: 2031 }, '888'),
]

const BY_NUMBER = new Map(TEST_CARDS.map((card) => [card.number, card]))

/** @param number digits only */
export function findTestCard(number: string): TestCard | undefined {
  return BY_NUMBER.get(number)
}

function decline(code: DeclineCode, network_code: string, message: string): Decline {
  return { code, network_code, message }
}

function approves(id: string, number: string, brand: Brand, funding: Funding, purpose: string): TestCard {
  return { id, number, brand, funding, outcome: 'approve', cvc: 'any', expiry: 'any', postal: 'any', purpose }
}

function declines(code: DeclineCode, number: string, purpose: string): TestCard {
  return { ...approves(code, number, 'visa', 'credit', purpose), outcome: code }
}

function exact(
  id: string,
  number: string,
  brand: Brand,
  expiry: { month: number; year: number },
  cvc: `${number}`,
): TestCard {
  return {
    ...approves(id, number, brand, 'credit', 'Approved with exactly this expiry and CVC; fails the Luhn check'),
    expiry,
    cvc,
  }
}
