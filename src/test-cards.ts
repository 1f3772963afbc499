import { brandRules, formatExpiry, passesLuhn } from './core/card-fields.ts'
import { type CardGroup, CHALLENGE_CODE, TEST_CARDS, type TestCard } from './sandbox-bank/test-cards.ts'

/** Published numbers that fail the check digit and are approved all the same: test mode takes them. */
export const ODD_TEST_NUMBERS: readonly string[] = TEST_CARDS.filter(
  (card) => card.outcome === 'approve' && !passesLuhn(card.number),
).map((card) => card.number)

const GROUPS: readonly { readonly title: CardGroup; readonly text?: string }[] = [
  { title: 'Approved' },
  { title: 'Declined' },
  { title: '3-D Secure', text: `The right code of every challenge is ${CHALLENGE_CODE}.` },
  {
    title: 'A bank in trouble',
    text: 'The page waits, checks by itself, and tells how it ended. Nothing is paid twice meanwhile.',
  },
  { title: 'Refunds' },
  { title: 'Disputes' },
  {
    title: 'Approved with exact details',
    text: 'Each passes only with the expiry date and the security code beside it; with any other it is declined. The check digit of these numbers is wrong, which the page forgives in test mode.',
  },
]

/** The bank's table as the page of test cards shows it. */
export const TEST_CARD_GROUPS = GROUPS.map(({ title, ...text }) => ({
  title,
  ...text,
  cards: TEST_CARDS.filter(({ group }) => group === title).map((card) => ({
    number: card.number,
    outcome: outcomeOf(card),
  })),
}))

/** What the title of the group has said is not said again by every card in it. */
function outcomeOf({ group, brand, purpose, expiry, cvc }: TestCard): string {
  const name = brand === 'unknown' ? 'Card' : brandRules(brand).name
  if (expiry !== 'any') return `${name}, ${formatExpiry(expiry)}, CVC ${cvc}`
  const facts = purpose.replace(group === 'Declined' ? /^Declined:? / : /^Approved, (?!and|but)|, approved$/, '')
  return facts.startsWith(name) ? facts : `${name}, ${facts.charAt(0).toLowerCase()}${facts.slice(1)}`
}

/**
 * Names that Stripe's documentation uses instead of numbers, without `pm_card_` or `tok_`, and what they stand for
 * (docs.stripe.com/testing); those that the bank has.
 */
const NAMED: readonly (readonly [name: string, number: string])[] = [
  ['visa', '4242424242424242'],
  ['bypassPending', '4000000000000077'],
  ['visa_debit', '4000056655665556'],
  ['mastercard', '5555555555554444'],
  ['mastercard_debit', '5200828282828210'],
  ['mastercard_prepaid', '5105105105105100'],
  ['amex', '378282246310005'],
  ['discover', '6011111111111117'],
  ['diners', '3056930009020004'],
  ['jcb', '3566002020360505'],
  ['unionpay', '6200000000000005'],
  ['chargeDeclined', '4000000000000002'],
  ['visa_chargeDeclined', '4000000000000002'],
  ['chargeCustomerFail', '4000000000000341'],
  ['chargeDeclinedInsufficientFunds', '4000000000009995'],
  ['visa_chargeDeclinedInsufficientFunds', '4000000000009995'],
  ['visa_chargeDeclinedLostCard', '4000000000009987'],
  ['visa_chargeDeclinedStolenCard', '4000000000009979'],
  ['chargeDeclinedExpiredCard', '4000000000000069'],
  ['chargeDeclinedIncorrectCvc', '4000000000000127'],
  ['chargeDeclinedProcessingError', '4000000000000119'],
  ['visa_chargeDeclinedVelocityLimitExceeded', '4000000000006975'],
  ['threeDSecure2Required', '4000000000003220'],
  ['threeDSecureRequired', '4000000000003220'],
  ['threeDSecureOptional', '4000000000003055'],
  ['threeDSecureRequiredChargeDeclined', '4000008400001629'],
  ['amex_threeDSecureNotSupported', '378282246310005'],
  ['authenticationRequired', '4000002760003184'],
  ['authenticationRequiredOnSetup', '4000002500003155'],
  ['authenticationRequiredChargeDeclinedInsufficientFunds', '4000008260003178'],
  ['pendingRefund', '4000000000007726'],
  ['createDispute', '4000000000000259'],
  ['createDisputeProductNotReceived', '4000000000002685'],
  ['createDisputeInquiry', '4000000000001976'],
  ['refundFail', '4000000000005126'],
]

export const NAMED_TEST_CARDS: ReadonlyMap<string, string> = new Map(
  NAMED.filter(([, number]) => TEST_CARDS.some((card) => card.number === number)),
)
