import { DECLINES, type Decline } from './declines.ts'
import {
  type AuthenticationRule,
  type Brand,
  type Conduct,
  type Funding,
  findTestCard,
  type TestCard,
} from './test-cards.ts'

/** A card as it came in. Lives from the parser to `judgeCard` and nowhere else. */
export type PresentedCard = {
  readonly number: string
  readonly expMonth: number
  readonly expYear: number
  readonly cvc: string | undefined
  readonly name: string | undefined
  readonly postalCode: string | undefined
}
export type Check = 'pass' | 'fail' | 'unavailable'

/** What the books may know about a card. */
export type JudgedCard = {
  readonly testCard: string
  readonly brand: Brand
  readonly funding: Funding
  readonly last4: string
  readonly cvcCheck: Check
  readonly postalCheck: Check
  /** The issuer's decision, once the cardholder is authenticated where that is asked for. */
  readonly decline: Decline | undefined
  /** Absent as well when the card's details alone refuse it: nobody is challenged for a card that has expired. */
  readonly authentication: AuthenticationRule | undefined
  readonly conduct: Conduct | undefined
}

/**
 * The issuer's decision. A number outside the table is never approved: a real card must not seem to work in test
 * mode.
 */
export function judgeCard(card: PresentedCard, now: Date): JudgedCard {
  const row = findTestCard(card.number)
  const refusal = row
    ? refusalOf(row, card, now)
    : DECLINES[passesLuhn(card.number) ? 'testmode_decline' : 'incorrect_number']
  return {
    testCard: row?.id ?? 'not_a_test_card',
    brand: row?.brand ?? brandOf(card.number),
    funding: row?.funding ?? 'unknown',
    last4: card.number.slice(-4),
    cvcCheck: checkCvc(row, card.cvc),
    postalCheck: card.postalCode === undefined || !row ? 'unavailable' : row.postal === 'fails' ? 'fail' : 'pass',
    decline: refusal ?? (row && row.outcome !== 'approve' ? DECLINES[row.outcome] : undefined),
    authentication: refusal ? undefined : row?.authentication,
    conduct: row?.conduct,
  }
}

/** Digits of the security code: 4 on American Express, 3 elsewhere. */
export function cvcLengthOf(number: string): 3 | 4 {
  return (findTestCard(number)?.brand ?? brandOf(number)) === 'amex' ? 4 : 3
}

/** What is wrong with the details, before the issuer looks at the account. */
function refusalOf(row: TestCard, card: PresentedCard, now: Date): Decline | undefined {
  if (row.outcome === 'incorrect_number') return DECLINES.incorrect_number
  if (hasPassed(card, now)) return DECLINES.expired_card
  if (row.expiry !== 'any' && !(row.expiry.month === card.expMonth && row.expiry.year === card.expYear))
    return DECLINES.invalid_card_details
  // An exact CVC must match; one that merely fails its check is the merchant's to judge, as with real issuers.
  if (row.cvc !== 'any' && row.cvc !== 'fails' && checkCvc(row, card.cvc) === 'fail')
    return DECLINES.invalid_card_details
  return undefined
}

function checkCvc(row: TestCard | undefined, cvc: string | undefined): Check {
  if (!row || cvc === undefined) return 'unavailable'
  if (row.cvc === 'any') return 'pass'
  return row.cvc === cvc ? 'pass' : 'fail'
}

/** A card is good through the last day of its month, in UTC. */
function hasPassed(card: PresentedCard, now: Date): boolean {
  return now.getTime() >= Date.UTC(card.expYear, card.expMonth, 1) // months count from 0: this is the first of the next
}

/** Rough, for the books only: a number outside the table is declined whatever its brand. */
function brandOf(number: string): Brand {
  if (number.startsWith('4')) return 'visa'
  if (/^(5[1-5]|2[2-7])/.test(number)) return 'mastercard'
  if (/^3[47]/.test(number)) return 'amex'
  return 'unknown'
}

/** ISO/IEC 7812-1, annex B. */
export function passesLuhn(number: string): boolean {
  let sum = 0
  for (let place = 0; place < number.length; place++) {
    const digit = Number(number[number.length - 1 - place])
    const doubled = place % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}
