import { type CardBrand, passesLuhn } from './core/card-fields.ts'
import { TEST_CARDS, type TestCard } from './sandbox-bank/test-cards.ts'

/** Published numbers that fail the check digit and are approved all the same: test mode takes them. */
export const ODD_TEST_NUMBERS: readonly string[] = TEST_CARDS.filter(
  (card) => card.outcome === 'approve' && !passesLuhn(card.number),
).map((card) => card.number)

/** The bank's table as the page of test cards shows it. */
export const TEST_CARD_GROUPS = [
  { title: 'Approved', cards: shown((card) => card.outcome === 'approve' && passesLuhn(card.number)) },
  { title: 'Declined', cards: shown((card) => card.outcome !== 'approve') },
  { title: 'Approved with exact details', cards: shown((card) => ODD_TEST_NUMBERS.includes(card.number)) },
]

function shown(belongs: (card: TestCard) => boolean) {
  return TEST_CARDS.filter(belongs).map((card) => ({
    number: card.number,
    brand: card.brand as CardBrand,
    outcome: card.expiry === 'any' ? card.purpose : `${card.purpose}: ${exactDetails(card)}`,
  }))
}

function exactDetails({ expiry, cvc }: TestCard): string {
  if (expiry === 'any') return ''
  const month = String(expiry.month).padStart(2, '0')
  return `${month} / ${String(expiry.year).slice(2)}, CVC ${cvc}`
}
