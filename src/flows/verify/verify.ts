import type { ReadProviderBooks } from '../../connectors/provider-books.ts'
import type { Env } from '../../core/env.ts'
import { isLive, nameOf, type Tenant, type Uuid } from '../../core/ids.ts'
import type { Books, EventFault, PaymentBooks } from '../../storage/books.ts'
import { BankComparison } from './compare-bank.ts'
import type { Finding, Invariant } from './finding.ts'
import { judgePayment } from './judge-payment.ts'

export type { ReadProviderBooks } from '../../connectors/provider-books.ts'

export type Verifying = {
  readonly env: Pick<Env, 'monotonicMs'>
  readonly books: Books
  /** Absent: our own books alone are checked. */
  readonly bank?: ReadProviderBooks | undefined
  /** Told after every batch. */
  readonly onProgress?: (checked: number, of: number) => void
}

export type Verified =
  | {
      readonly ok: true
      readonly payments: number
      readonly charges: number
      /** Charges without an outcome yet: their money at the bank could not be compared. */
      readonly undecided: number
      readonly seconds: number
      readonly differences: number
      /** The first of them. */
      readonly findings: readonly Finding[]
    }
  | { readonly ok: false; readonly because: string }

const BATCH = 1_000
/** A broken database has one difference per row; the first say what is broken. */
const MOST_FINDINGS = 200

/**
 * Recomputes every number and state of every payment from the ledger, the orders and the events, and compares them with
 * what is stored and with the bank's own books. It writes nothing. Our own books are checked rightly while the server is
 * at work; the bank's only at rest.
 * @param tenants whose payments; all of them unless given
 */
export async function verify(verifying: Verifying, tenants?: readonly Tenant[]): Promise<Verified> {
  const { env, books, bank, onProgress } = verifying
  const began = env.monotonicMs()
  const whose = tenants ?? (await books.listTenants())
  const of = await books.countPayments(whose)
  const tally = { payments: 0, charges: 0, undecided: 0, differences: 0, findings: [] as Finding[] }
  const note = (found: readonly Finding[]): void => {
    tally.differences += found.length
    tally.findings.push(...found.slice(0, Math.max(0, MOST_FINDINGS - tally.findings.length)))
  }
  for (const tenant of whose) {
    // The sandbox serves no live account: there is no bank of ours to ask about those.
    const theirs = bank && !isLive(tenant) ? await bank(tenant) : undefined
    if (theirs?.ok === false) return theirs
    const comparison = theirs && new BankComparison(tenant, theirs.charges)
    for await (const batch of batchesOf(books, tenant)) {
      for (const payment of batch) {
        note(judgePayment(payment))
        if (comparison) note(payment.charges.flatMap((charge) => comparison.compare(charge)))
        tally.charges += payment.charges.length
      }
      tally.payments += batch.length
      onProgress?.(tally.payments, of)
    }
    if (comparison) note(comparison.rest())
    tally.undecided += comparison?.undecided ?? 0
    note((await books.readEventFaults(tenant, MOST_FINDINGS)).map((fault) => findingOf(tenant, fault)))
  }
  return { ok: true, ...tally, seconds: (env.monotonicMs() - began) / 1_000 }
}

/** The next batch is on its way while one is judged: the database and this process work side by side. */
async function* batchesOf(books: Books, tenant: Tenant): AsyncGenerator<readonly PaymentBooks[]> {
  const read = (after: Uuid | null) => {
    const reading = books.readPayments(tenant, after, BATCH)
    // Whoever stops early does not wait for it; whoever goes on hears of its failure.
    reading.catch(() => undefined)
    return reading
  }
  for (let next = read(null); ; ) {
    const batch = await next
    const last = batch.at(-1)
    if (last && batch.length === BATCH) next = read(last.payment.id)
    yield batch
    if (batch.length < BATCH) return
  }
}

const INVARIANT_OF: { readonly [fault in EventFault['fault']]: Invariant } = {
  gap: 'events_numbered',
  last_number: 'events_numbered',
  lost: 'events_numbered',
  unnumbered: 'events_numbered',
  queued_twice: 'events_numbered',
  order: 'events_order',
  session_payment: 'session_state',
  untold: 'told',
}

function findingOf(tenant: Tenant, { fault, id, expected, found }: EventFault): Finding {
  return { invariant: INVARIANT_OF[fault], object: objectOf(tenant, fault, id), expected, found }
}

function objectOf(tenant: Tenant, fault: EventFault['fault'], id: string): string {
  if (fault === 'gap' || fault === 'last_number') return `event number ${id} of tenant ${tenant}`
  const kind = fault === 'session_payment' || fault === 'untold' ? 'session' : 'event'
  return nameOf(kind, tenant, id as Uuid)
}
