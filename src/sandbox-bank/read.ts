import type { Authorization, Operation } from './authorization.ts'
import type { Db } from './env.ts'
import type { Page } from './parse.ts'

/** Amounts come as text: which number type a handle makes of a bigint is its owner's choice. */
type AuthorizationRow = Omit<Authorization, 'amount' | 'captured' | 'released' | 'refunded'> & {
  readonly amount: string
  readonly captured: string
  readonly released: string
  readonly refunded: string
}
type OperationRow = Omit<Operation, 'amount'> & { readonly amount: string }

/** @param which `lock`: waits for whoever is moving its money, and keeps others waiting until the transaction ends */
export async function readAuthorization(
  db: Db,
  merchant: string,
  which: { readonly id: string; readonly lock?: boolean } | { readonly reference: string },
): Promise<Authorization | undefined> {
  const [row] = await db<AuthorizationRow[]>`
    select id, reference, status, amount::text, currency, captured_amount::text as captured,
      released_amount::text as released, refunded_amount::text as refunded, decline_code as "declineCode", brand,
      funding, cvc_check as "cvcCheck", postal_check as "postalCheck", network_transaction as "networkTransaction",
      authorization_code as "authorizationCode", created_at as "createdAt"
    from authorizations
    where merchant = ${merchant}
      and ${'id' in which ? db`id = ${which.id}` : db`reference = ${which.reference}`}
    ${'lock' in which && which.lock ? db`for update` : db``}`
  if (!row) return undefined
  return {
    ...row,
    amount: Number(row.amount),
    captured: Number(row.captured),
    released: Number(row.released),
    refunded: Number(row.refunded),
  }
}

export async function readOperation(
  db: Db,
  merchant: string,
  which: { readonly id: string } | { readonly reference: string },
): Promise<Operation | undefined> {
  const [row] = await db<OperationRow[]>`
    ${operationColumns(db)}
    where merchant = ${merchant}
      and ${'id' in which ? db`id = ${which.id}` : db`reference = ${which.reference}`}`
  return row && { ...row, amount: Number(row.amount) }
}

/** Oldest first; `after` is the id of the last one seen. */
export async function listOperations(
  db: Db,
  merchant: string,
  authorizationId: string,
  page: { readonly after: string; readonly limit: number },
): Promise<Operation[]> {
  const rows = await db<OperationRow[]>`
    ${operationColumns(db)}
    where merchant = ${merchant} and authorization_id = ${authorizationId} and id collate "C" > ${page.after}
    order by id collate "C"
    limit ${page.limit}`
  return rows.map((row) => ({ ...row, amount: Number(row.amount) }))
}

function operationColumns(db: Db) {
  return db`
    select id, kind, authorization_id as "authorizationId", reference, amount::text, currency, status,
      created_at as "createdAt"
    from operations`
}

/** Sums are text: many amounts together may pass what a JSON number holds exactly. */
type Total = { currency: string; authorized: string; captured: string; voided: string; refunded: string }
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
      coalesce(sum(amount) filter (where kind = 'refund'), 0)::text as refunded
    from entries
    where merchant = ${merchant}
    group by currency
    order by currency`
}
