/** What must hold, whatever happened. The sentences are what `verify` prints and what the page of the command says. */
export const INVARIANTS = {
  ledger_held: 'what a charge holds is what its postings hold',
  ledger_captured: 'what a charge captured is what its postings sold',
  ledger_refunded: 'what a charge gave back is what its postings refunded',
  ledger_disputed: 'what issuers have taken back is what the postings of its disputes say',
  ledger_receivable: 'what the provider owes is what was captured, not given back and not taken back',
  ledger_cause: 'every posting has an order, a refund or a dispute of its charge as its cause, in its currency',
  ledger_refund: 'a refund is booked exactly while it has succeeded',
  charge_state: 'a charge holds or has captured money exactly where its state says so',
  orders_state: 'the states of a charge’s orders follow from the charge and its refunds',
  ledger_dispute: 'a chargeback is booked once, and booked back once, exactly when it was won',
  refund_ordered: 'what is reserved for refunds is the sum of the refunds that reserve',
  one_live: 'a payment has at most one live charge',
  payment_state: 'a payment’s state is what its latest charge makes of it',
  payment_reserved: 'a payment reserves its amount exactly while it has a live charge',
  session_state: 'a session is complete exactly when there is evidence of its money',
  session_tries: 'a session counts its attempts',
  closed_session: 'a session that was closed has no money',
  told: 'every transition is told exactly once',
  events_numbered: 'the numbers of events have no gap, and every event has one or waits for it',
  events_order: 'the events of one object are numbered in their order',
  bank: 'the bank’s books say the same',
} as const
export type Invariant = keyof typeof INVARIANTS

/** One difference: what must hold, where it does not, what follows from the books and what is stored instead. */
export type Finding = {
  readonly invariant: Invariant
  /** The object's name, such as `ch_…`. */
  readonly object: string
  readonly expected: string
  readonly found: string
}

/** The differences of one object; a check that holds leaves nothing. */
export class Findings {
  readonly found: Finding[] = []
  readonly #object: string
  constructor(object: string) {
    this.#object = object
  }
  same(invariant: Invariant, what: string, expected: string | number | bigint | boolean, found: typeof expected): void {
    if (expected !== found) this.add(invariant, `${what} ${expected}`, `${found}`)
  }
  add(invariant: Invariant, expected: string, found: string): void {
    this.found.push({ invariant, object: this.#object, expected, found })
  }
}
