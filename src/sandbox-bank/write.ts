import { Refusal } from './answer.ts'
import type { Authentication } from './authentication.ts'
import type { Authorization, Operation } from './authorization.ts'
import type { Movement } from './decide-operation.ts'
import type { Dispute } from './dispute.ts'
import type { Db, TransactionSql } from './env.ts'

export async function insertAuthorization(db: Db, merchant: string, authorization: Authorization): Promise<void> {
  await db`
    insert into authorizations (
      merchant, id, reference, amount, currency, status, captured_amount, decline_code, test_card, brand, funding,
      last4, cvc_check, postal_check, network_transaction, authorization_code, statement_descriptor, created_at,
      expires_at, disputed_amount
    ) values (
      ${merchant}, ${authorization.id}, ${authorization.reference}, ${authorization.amount}, ${authorization.currency},
      ${authorization.status}, ${authorization.captured}, ${authorization.declineCode}, ${authorization.testCard},
      ${authorization.brand}, ${authorization.funding}, ${authorization.last4}, ${authorization.cvcCheck},
      ${authorization.postalCheck}, ${authorization.networkTransaction}, ${authorization.authorizationCode},
      ${authorization.statementDescriptor}, ${authorization.createdAt}, ${authorization.expiresAt},
      ${authorization.disputed}
    )`
}

export async function insertOperation(db: Db, merchant: string, operation: Operation): Promise<void> {
  await db`
    insert into operations (
      merchant, id, authorization_id, kind, reference, amount, currency, status, origin, settles_at, settles_as,
      created_at
    ) values (
      ${merchant}, ${operation.id}, ${operation.authorizationId}, ${operation.kind}, ${operation.reference},
      ${operation.amount}, ${operation.currency}, ${operation.status}, ${operation.origin}, ${operation.settlesAt},
      ${operation.settlesAs}, ${operation.createdAt}
    )`
}

/** Guarded by what was read under the lock; the table's checks guard it once more. */
export async function saveMoney(
  db: TransactionSql,
  merchant: string,
  before: Authorization,
  after: Authorization,
): Promise<void> {
  const { count } = await db`
    update authorizations
    set status = ${after.status}, captured_amount = ${after.captured}, released_amount = ${after.released},
        refunded_amount = ${after.refunded}, refund_pending_amount = ${after.refundPending},
        decline_code = ${after.declineCode}, authorization_code = ${after.authorizationCode},
        expires_at = ${after.expiresAt}, disputed_amount = ${after.disputed}
    where merchant = ${merchant} and id = ${before.id} and status = ${before.status}
      and captured_amount = ${before.captured} and refunded_amount = ${before.refunded}
      and refund_pending_amount = ${before.refundPending} and disputed_amount = ${before.disputed}`
  if (count !== 1) throw new Error('an authorization changed under its lock')
}

export async function insertEntries(
  db: Db,
  merchant: string,
  authorization: Pick<Authorization, 'id' | 'currency'>,
  cause: { readonly id: string; readonly reference: string },
  movements: readonly Movement[],
  now: Date,
): Promise<void> {
  const rows = movements
    .filter(({ amount }) => amount > 0)
    .map(({ kind, amount }) => ({
      merchant,
      authorization_id: authorization.id,
      cause: cause.id,
      kind,
      ...ACCOUNTS[kind],
      amount,
      currency: authorization.currency,
      reference: cause.reference,
      created_at: now,
    }))
  if (rows.length > 0) await db`insert into entries ${db(rows)}`
}

const ACCOUNTS = {
  authorize: { debit: 'cardholder', credit: 'held' },
  capture: { debit: 'held', credit: 'merchant' },
  release: { debit: 'held', credit: 'cardholder' },
  refund: { debit: 'merchant', credit: 'cardholder' },
  refund_reversal: { debit: 'cardholder', credit: 'merchant' },
  chargeback: { debit: 'merchant', credit: 'cardholder' },
  chargeback_reversal: { debit: 'cardholder', credit: 'merchant' },
} as const

export async function insertAuthentication(
  db: Db,
  merchant: string,
  authorization: Authorization,
  authentication: Authentication,
  now: Date,
): Promise<void> {
  const { state, returnUrl, transactionId, result, reason, eci, flow } = authentication
  await db`
    insert into authentications (
      merchant, id, authorization_id, amount, currency, test_card, state, request, capture, return_url, transaction_id,
      flow, result, result_reason, eci, expires_at, created_at, ended_at
    ) values (
      ${merchant}, ${authentication.id}, ${authorization.id}, ${authorization.amount}, ${authorization.currency},
      ${authorization.testCard}, ${state}, ${authentication.request}, ${authentication.capture}, ${returnUrl},
      ${transactionId}, ${flow}, ${result}, ${reason}, ${eci}, ${authentication.expiresAt}, ${now},
      ${state === 'ended' ? now : null}
    )`
}

/** The lock on the authorization is the lock on this as well. */
export async function saveAuthentication(
  db: TransactionSql,
  merchant: string,
  after: Authentication,
  now: Date,
): Promise<void> {
  const { count } = await db`
    update authentications
    set state = ${after.state}, method_done = ${after.methodDone}, wrong_codes = ${after.wrongCodes},
        flow = ${after.flow}, result = ${after.result}, result_reason = ${after.reason}, eci = ${after.eci},
        ended_at = ${after.state === 'ended' ? now : null}
    where merchant = ${merchant} and id = ${after.id} and state <> 'ended'`
  if (count !== 1) throw new Error('an authentication ended under its lock')
}

export async function saveRefund(
  db: TransactionSql,
  merchant: string,
  before: Operation,
  after: Operation,
): Promise<void> {
  const { count } = await db`
    update operations
    set status = ${after.status}, failure_reason = ${after.failureReason}, settles_at = ${after.settlesAt},
        settles_as = ${after.settlesAs}
    where merchant = ${merchant} and id = ${before.id} and status = ${before.status}`
  if (count !== 1) throw new Error('a refund changed under its lock')
}

export async function insertDispute(db: Db, merchant: string, dispute: Dispute): Promise<void> {
  await db`
    insert into disputes (
      merchant, id, authorization_id, status, amount, currency, reason, network_reason_code, submissions, respond_by,
      created_at
    ) values (
      ${merchant}, ${dispute.id}, ${dispute.authorizationId}, ${dispute.status}, ${dispute.amount}, ${dispute.currency},
      ${dispute.reason}, ${dispute.networkReasonCode}, ${dispute.submissions}, ${dispute.respondBy}, ${dispute.createdAt}
    )`
}

export async function saveDispute(
  db: TransactionSql,
  merchant: string,
  before: Dispute,
  after: Dispute,
): Promise<void> {
  const { count } = await db`
    update disputes
    set status = ${after.status}, amount = ${after.amount}, submissions = ${after.submissions},
        respond_by = ${after.respondBy}
    where merchant = ${merchant} and id = ${before.id} and status = ${before.status}`
  if (count !== 1) throw new Error('a dispute changed under its lock')
}

/** The database decides who was first under a reference. */
export async function withFreeReference<T>(book: () => Promise<T>): Promise<T> {
  try {
    return await book()
  } catch (error) {
    const constraint = error instanceof Error && 'constraint_name' in error ? error.constraint_name : undefined
    if (constraint === 'authorizations_reference' || constraint === 'operations_reference')
      throw new Refusal('reference_used', 'This reference was used before; ask for it by reference.', 'reference')
    throw error
  }
}
