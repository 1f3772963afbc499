import type { DeclineCode } from './declines.ts'

/**
 * The test cards: the only numbers that the sandbox bank approves, and what each of the others is for. Most are the
 * numbers published in Stripe's testing documentation (and 4111…1111, which every gateway knows); four are those that the
 * tests of BPC's mobile SDKs pay with; six are those of HSRC Pay's open sandbox bank, which fail the Luhn check. Those that begin with 4000 0099 9 are our own: in published test
 * numbers these places hold the ISO 3166 number of a country, and 999 is no country's.
 */
export type Brand = 'visa' | 'mastercard' | 'amex' | 'discover' | 'diners' | 'jcb' | 'unionpay' | 'troy' | 'unknown'
export type Funding = 'credit' | 'debit' | 'prepaid' | 'unknown'

/** Headings of the page of test cards. */
export type CardGroup =
  | 'Approved'
  | 'Declined'
  | '3-D Secure'
  | 'A bank in trouble'
  | 'Refunds'
  | 'Disputes'
  | 'Approved with exact details'

/** What the issuer's access control server does with the card, once the order allows 3-D Secure. */
export type AuthenticationRule = {
  /** Without `three_d_secure` in the order: declined, so that the shop sends it again. */
  readonly required: boolean
  readonly flow: 'challenge' | 'frictionless' | 'fails' | 'unavailable'
  /** A card that the shop has stored before, with a challenge, passes without another. */
  readonly unlessStored?: true
  /** The issuer wants to look at the device first. */
  readonly method?: true
  readonly page?: 'slow' | 'never_loads' | 'returns_twice' | 'returns_after_expiry'
}

/**
 * How the bank behaves while it carries out the order: `silent` books and never answers, `late` books and answers after
 * 20 seconds, `late_by_minutes` books only after three minutes, `down` resets the connection before it books, `closed`
 * and `locked` say instead that it is out of service, or that it does not accept the shop's key.
 */
export type Conduct = 'silent' | 'late' | 'late_by_minutes' | 'down' | 'closed' | 'locked'

/** How a refund goes on; most succeed at once. */
export type RefundCourse = 'pending_then_succeeds' | 'pending_then_fails' | 'succeeds_then_fails'

export type TestCard = {
  /** The row's name: what the bank's books keep instead of the number. */
  readonly id: string
  readonly group: CardGroup
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
  readonly authentication?: AuthenticationRule
  readonly conduct?: Conduct
  readonly refunds?: RefundCourse
  /** What the cardholder has against the payment as soon as it was captured. */
  readonly dispute?: DisputeRule
}

/** The reason in Stripe's word, the card network's number for it, and whether the issuer only asks. */
export type DisputeRule = {
  readonly reason: string
  readonly networkReasonCode: string
  readonly inquiry: boolean
}

/** What every challenge page of the bank takes for the right code. */
export const CHALLENGE_CODE = '123456'

const CHALLENGED: AuthenticationRule = { required: true, flow: 'challenge' }

export const TEST_CARDS: readonly TestCard[] = [
  approves('visa', '4242424242424242', 'visa', 'credit', 'Visa, approved'),
  approves('visa_classic', '4111111111111111', 'visa', 'credit', 'Visa, approved'),
  approves('visa_at_once', '4000000000000077', 'visa', 'credit', 'Visa, approved; the money is available at once'),
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
  { ...approves('bpc_visa', '4444555511113333', 'visa', 'credit', 'Visa, approved with CVC 123'), cvc: '123' },
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
  {
    ...declines('generic_decline', '4000000000000341', 'A customer may keep it; declined without a reason'),
    id: 'kept_then_declined',
  },
  declines('insufficient_funds', '4000000000009995', 'Declined: insufficient funds'),
  declines('lost_card', '4000000000009987', 'Declined: lost card'),
  declines('stolen_card', '4000000000009979', 'Declined: stolen card'),
  declines('expired_card', '4000000000000069', 'Declined: expired card'),
  { ...declines('incorrect_cvc', '4000000000000127', 'Declined: incorrect CVC'), cvc: 'fails' },
  declines('processing_error', '4000000000000119', 'Declined: processing error'),
  declines('incorrect_number', '4242424242424241', 'Declined: incorrect number, fails the Luhn check'),
  declines('card_velocity_exceeded', '4000000000006975', 'Declined: used too often'),

  secure('challenge_always', '4000002760003184', 'Always challenged, then approved', CHALLENGED),
  secure('challenge_unless_stored', '4000002500003155', 'Challenged unless stored before, then approved', {
    ...CHALLENGED,
    unlessStored: true,
  }),
  secure('challenge_required', '4000000000003220', 'Challenge required, then approved', CHALLENGED),
  secure('secure_supported', '4000000000003055', 'Approved; passes without a challenge, or with one when asked for', {
    required: false,
    flow: 'frictionless',
  }),
  {
    ...secure('bpc_challenge', '5555555555555599', 'Mastercard, with CVC 123 challenged, then approved'),
    brand: 'mastercard',
    cvc: '123',
  },
  {
    ...secure('bpc_attempt', '4000001111111118', 'Approved; passes without a challenge, with CVC 123', {
      required: false,
      flow: 'frictionless',
    }),
    cvc: '123',
  },
  {
    ...secure('bpc_not_authenticated', '5168494895055780', 'Mastercard, declined: the authentication fails', {
      required: true,
      flow: 'fails',
    }),
    brand: 'mastercard',
  },
  {
    ...secure('challenge_insufficient_funds', '4000008260003178', 'Challenged, then declined: insufficient funds'),
    outcome: 'insufficient_funds',
  },
  {
    ...secure('challenge_declined', '4000008400001629', 'Challenged, then declined without a reason'),
    outcome: 'generic_decline',
  },
  secure('authentication_failed', '4000009990000013', 'Declined: the authentication fails without a challenge', {
    required: true,
    flow: 'fails',
  }),
  secure('authentication_unavailable', '4000009990000021', 'Declined: the issuer cannot authenticate', {
    required: true,
    flow: 'unavailable',
  }),
  secure('device_check', '4000009990000039', 'Device check, then approved without a challenge', {
    required: true,
    flow: 'frictionless',
    method: true,
  }),
  secure('device_check_challenge', '4000009990000047', 'Device check, then challenged, then approved', {
    ...CHALLENGED,
    method: true,
  }),
  secure('challenge_slow', '4000009990000054', 'Challenged by a page that takes 8 seconds to load, then approved', {
    ...CHALLENGED,
    page: 'slow',
  }),
  secure('challenge_never_loads', '4000009990000062', 'Challenged by a page that never loads', {
    ...CHALLENGED,
    page: 'never_loads',
  }),
  secure('challenge_returns_twice', '4000009990000070', 'Challenged, and sent back twice, then approved', {
    ...CHALLENGED,
    page: 'returns_twice',
  }),
  secure('challenge_returns_late', '4000009990000088', 'Declined: the challenge comes back after it has expired', {
    ...CHALLENGED,
    page: 'returns_after_expiry',
  }),

  troubled('bank_silent', '4000009990000112', 'silent', 'Approved, and the bank never answers'),
  troubled('bank_late', '4000009990000120', 'late', 'Approved, and the bank answers after 20 seconds'),
  troubled('bank_late_by_minutes', '4000009990000138', 'late_by_minutes', 'Approved, but only after three minutes'),
  troubled('bank_down', '4000009990000146', 'down', 'The bank is down: nothing is booked'),
  troubled('bank_closed', '4000009990000153', 'closed', 'The bank is out of service and says so: nothing is booked'),
  troubled('bank_locked', '4000009990000161', 'locked', 'The bank does not accept the shop’s key: nothing is booked'),

  refunded('refund_pending', '4000000000007726', 'pending_then_succeeds', 'Refunds are pending, then succeed'),
  refunded('refund_fails_later', '4000000000005126', 'succeeds_then_fails', 'Refunds succeed, then fail'),
  refunded('refund_pending_fails', '4000009990000211', 'pending_then_fails', 'Refunds are pending, then fail'),

  disputed('dispute_fraudulent', '4000000000000259', 'Charged back as fraudulent once it is captured', {
    reason: 'fraudulent',
    networkReasonCode: '10.4',
    inquiry: false,
  }),
  disputed('dispute_not_received', '4000000000002685', 'Charged back as not received once it is captured', {
    reason: 'product_not_received',
    networkReasonCode: '13.1',
    inquiry: false,
  }),
  disputed('inquiry', '4000000000001976', 'The issuer asks about it once it is captured', {
    reason: 'fraudulent',
    networkReasonCode: '10.4',
    inquiry: true,
  }),

  exact('hsrc_visa', '4991001823456701', 'visa', { month: 5, year: 2028 }, '123'),
  exact('hsrc_mastercard', '5991029876543210', 'mastercard', { month: 8, year: 2030 }, '456'),
  exact('hsrc_amex', '379103823456701', 'amex', { month: 11, year: 2029 }, '1234'),
  exact('hsrc_troy', '9792049876543211', 'troy', { month: 4, year: 2029 }, '666'),
  exact('hsrc_visa_second', '4992001234567890', 'visa', { month: 10, year: 2031 }, '555'),
  exact('hsrc_unionpay', '6295018765432109', 'unionpay', { month: 1, year: 2031 }, '888'),
]

const BY_NUMBER = new Map(TEST_CARDS.map((card) => [card.number, card]))
const BY_ID = new Map(TEST_CARDS.map((card) => [card.id, card]))

/** @param number digits only */
export function findTestCard(number: string): TestCard | undefined {
  return BY_NUMBER.get(number)
}

/** @param id what the books keep */
export function findTestCardRow(id: string): TestCard | undefined {
  return BY_ID.get(id)
}

function approves(id: string, number: string, brand: Brand, funding: Funding, purpose: string): TestCard {
  const usual = { outcome: 'approve', cvc: 'any', expiry: 'any', postal: 'any' } as const
  return { id, group: 'Approved', number, brand, funding, ...usual, purpose }
}

function declines(code: DeclineCode, number: string, purpose: string): TestCard {
  return { ...approves(code, number, 'visa', 'credit', purpose), group: 'Declined', outcome: code }
}

function secure(id: string, number: string, purpose: string, authentication = CHALLENGED): TestCard {
  return { ...approves(id, number, 'visa', 'credit', purpose), group: '3-D Secure', authentication }
}

function troubled(id: string, number: string, conduct: Conduct, purpose: string): TestCard {
  return { ...approves(id, number, 'visa', 'credit', purpose), group: 'A bank in trouble', conduct }
}

function refunded(id: string, number: string, refunds: RefundCourse, purpose: string): TestCard {
  return { ...approves(id, number, 'visa', 'credit', `Approved. ${purpose}`), group: 'Refunds', refunds }
}

function disputed(id: string, number: string, purpose: string, dispute: DisputeRule): TestCard {
  return { ...approves(id, number, 'visa', 'credit', `Approved. ${purpose}`), group: 'Disputes', dispute }
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
    group: 'Approved with exact details',
    expiry,
    cvc,
    // Of their own accord they pass; an order that asks for a challenge has one.
    authentication: { required: false, flow: 'frictionless' },
  }
}
