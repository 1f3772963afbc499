import type { Db } from './env.ts'
import type { Page } from './parse.ts'

/** Sums are text: many amounts together may pass what a JSON number holds exactly. */
type Total = {
  currency: string
  authorized: string
  captured: string
  voided: string
  refunded: string
  refund_reversed: string
  charged_back: string
  chargeback_reversed: string
}
type Entry = { number: string; kind: string; amount: string; currency: string; created: Date }

/**
 * The books of a merchant: totals on the first page, then the entries in the order of their numbers. A number is drawn
 * before its commit, so two orders in flight can appear in the other order: compare at rest.
 */
export async function readBooks(db: Db, merchant: string, page: Page): Promise<object> {
  const entries = await db<Entry[]>`
    select number::text, kind, debit, credit, amount::text, currency, authorization_id as "authorization", cause,
      reference, created_at as created
    from entries
    where merchant = ${merchant} and number > ${page.after}
    order by entries.number -- the column, not the text selected under its name
    limit ${page.limit + 1}`
  const shown = entries.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    merchant,
    ...(page.after === 0 ? { totals: await readTotals(db, merchant) } : {}),
    entries: shown.map((entry) => ({
      ...entry,
      number: Number(entry.number),
      amount: Number(entry.amount),
      created: entry.created.toISOString(),
    })),
    next_cursor: entries.length > page.limit && last ? Number(last.number) : null,
  }
}

async function readTotals(db: Db, merchant: string): Promise<Total[]> {
  return db<Total[]>`
    select currency,
      coalesce(sum(amount) filter (where kind = 'authorize'), 0)::text as authorized,
      coalesce(sum(amount) filter (where kind = 'capture'), 0)::text as captured,
      coalesce(sum(amount) filter (where kind = 'release'), 0)::text as voided,
      coalesce(sum(amount) filter (where kind = 'refund'), 0)::text as refunded,
      coalesce(sum(amount) filter (where kind = 'refund_reversal'), 0)::text as refund_reversed,
      coalesce(sum(amount) filter (where kind = 'chargeback'), 0)::text as charged_back,
      coalesce(sum(amount) filter (where kind = 'chargeback_reversal'), 0)::text as chargeback_reversed
    from entries
    where merchant = ${merchant}
    group by currency
    order by currency`
}
