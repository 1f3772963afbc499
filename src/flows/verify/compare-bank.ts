import type { ProviderCharge } from '../../connectors/provider-books.ts'
import { nameOf, parseName, type Tenant, type Uuid } from '../../core/ids.ts'
import type { ChargeBooks } from '../../storage/books.ts'
import { type Finding, Findings } from './finding.ts'

/** A tenant's charges in the bank's books; each is taken off the list when ours is compared with it. */
export class BankComparison {
  readonly #tenant: Tenant
  readonly #ours = new Map<Uuid, ProviderCharge>()
  readonly #nameless: ProviderCharge[] = []
  /** Charges whose outcome nobody knows yet: there is nothing to compare. */
  undecided = 0

  constructor(tenant: Tenant, charges: readonly ProviderCharge[]) {
    this.#tenant = tenant
    for (const charge of charges) {
      const name = charge.reference === null ? undefined : parseName('charge', charge.reference)
      if (name?.tenant === tenant) this.#ours.set(name.id, charge)
      else this.#nameless.push(charge)
    }
  }

  compare({ charge, operations, refunds }: ChargeBooks): readonly Finding[] {
    if (charge.connector !== 'sandbox') return []
    const booked = this.#ours.get(charge.id)
    this.#ours.delete(charge.id)
    if (charge.state === 'needs_review' || operations.some(({ state }) => OPEN.includes(state))) {
      this.undecided += 1
      return []
    }
    const findings = new Findings(nameOf('charge', charge.tenant, charge.id))
    const bank = booked ?? NOTHING
    findings.same('bank', 'held', bank.authorized - bank.captured - bank.released, charge.held)
    findings.same('bank', 'captured', bank.captured, charge.captured)
    // The bank may have moved on with a refund that is under way.
    if (!refunds.some(({ state }) => state === 'pending' || state === 'needs_review')) {
      findings.same('bank', 'refunded', bank.refunded, charge.refunded)
    }
    findings.same('bank', 'taken back by issuers', bank.disputed, charge.disputed)
    if (booked) findings.same('bank', 'in', booked.currency, charge.currency)
    return findings.found
  }

  /** What the bank has and we do not. */
  rest(): readonly Finding[] {
    return [...this.#ours.values(), ...this.#nameless].map(({ providerId, reference, authorized, captured }) => ({
      invariant: 'bank',
      object: reference ?? providerId,
      expected: `${providerId} authorized ${authorized}, captured ${captured}`,
      found: `no such charge of tenant ${this.#tenant}`,
    }))
  }
}

const OPEN: readonly string[] = ['intent', 'unknown', 'needs_review']
const NOTHING = { authorized: 0n, captured: 0n, released: 0n, refunded: 0n, disputed: 0n, currency: '' }
