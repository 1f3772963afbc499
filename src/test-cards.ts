import { brandRules, formatExpiry, passesLuhn } from './core/card-fields.ts'
import { type CardGroup, TEST_CARDS, type TestCard } from './sandbox-bank/test-cards.ts'

/** Published numbers that fail the check digit and are approved all the same: test mode takes them. */
export const ODD_TEST_NUMBERS: readonly string[] = TEST_CARDS.filter(
  (card) => card.outcome === 'approve' && !passesLuhn(card.number),
).map((card) => card.number)

const GROUPS: readonly { readonly title: CardGroup; readonly text?: string }[] = [
  { title: 'Approved' },
  { title: 'Declined' },
  { title: '3-D Secure' },
  { title: 'A bank in trouble' },
  { title: 'Refunds' },
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
function outcomeOf({ brand, purpose, expiry, cvc }: TestCard): string {
  const name = brand === 'unknown' ? 'Card' : brandRules(brand).name
  const facts = purpose.replace(/, approved$/, '').replace(/^(Approved, |Declined:? )/, '')
  if (expiry !== 'any') return `${name}, ${formatExpiry(expiry)}, CVC ${cvc}`
  return facts.startsWith(name) ? facts : `${name}, ${facts}`
}
