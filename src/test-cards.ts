import { type CardBrand, passesLuhn } from './core/card-fields.ts'
import { type CardGroup, TEST_CARDS, type TestCard } from './sandbox-bank/test-cards.ts'

/** Published numbers that fail the check digit and are approved all the same: test mode takes them. */
export const ODD_TEST_NUMBERS: readonly string[] = TEST_CARDS.filter(
  (card) => card.outcome === 'approve' && !passesLuhn(card.number),
).map((card) => card.number)

const GROUPS: readonly CardGroup[] = [
  'Approved',
  'Declined',
  '3-D Secure',
  'A bank in trouble',
  'Refunds',
  'Approved with exact details',
]

/** The bank's table as the page of test cards shows it. */
export const TEST_CARD_GROUPS = GROUPS.map((title) => ({
  title,
  cards: TEST_CARDS.filter(({ group }) => group === title).map((card) => ({
    number: card.number,
    brand: card.brand as CardBrand,
    outcome: card.expiry === 'any' ? card.purpose : `${card.purpose}: ${exactDetails(card)}`,
  })),
}))

function exactDetails({ expiry, cvc }: TestCard): string {
  if (expiry === 'any') return ''
  const month = String(expiry.month).padStart(2, '0')
  return `${month} / ${String(expiry.year).slice(2)}, CVC ${cvc}`
}
