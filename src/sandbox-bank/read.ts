import type { Authentication } from './authentication.ts'
import type { Authorization, Operation, OperationKind } from './authorization.ts'
import type { Dispute } from './dispute.ts'
import type { Db } from './env.ts'

/** Amounts come as text: which number type a handle makes of a bigint is its owner's choice. */
type Amounts = 'amount' | 'captured' | 'released' | 'refunded' | 'refundPending' | 'disputed'
type DisputeRow = Omit<Dispute, 'respondBy' | 'createdAt'> & { readonly respondBy: string; readonly createdAt: string }
type AuthorizationRow = Omit<Authorization, Amounts | 'authentication' | 'disputes'> & {
  readonly [name in Amounts]: string
} & { readonly [name in keyof Authentication as `acs_${name}`]: Authentication[name] | null } & {
  readonly disputes: readonly DisputeRow[]
}
type OperationRow = Omit<Operation, 'amount'> & { readonly amount: string }

/** @param which `lock`: waits for whoever is moving its money, and keeps others waiting until the transaction ends */
export async function readAuthorization(
  db: Db,
  merchant: string,
  which: { readonly id: string; readonly lock?: boolean } | { readonly reference: string },
): Promise<Authorization | undefined> {
  // By itself, and first: what the next statement joins is then as it is under the lock, not as it was before the wait.
  if ('lock' in which && which.lock)
    await db`select 1 from authorizations where merchant = ${merchant} and id = ${which.id} for update`
  const [row] = await db<AuthorizationRow[]>`
    select a.id, a.reference, a.status, a.amount::text, a.currency, a.captured_amount::text as captured,
      a.released_amount::text as released, a.refunded_amount::text as refunded,
      a.refund_pending_amount::text as "refundPending", a.disputed_amount::text as disputed, a.decline_code as "declineCode", a.test_card as "testCard",
      a.brand, a.funding, a.last4, a.cvc_check as "cvcCheck", a.postal_check as "postalCheck",
      a.network_transaction as "networkTransaction", a.authorization_code as "authorizationCode",
      a.statement_descriptor as "statementDescriptor", a.created_at as "createdAt", a.expires_at as "expiresAt",
      (
        select min(settles_at) from operations o where o.merchant = a.merchant and o.authorization_id = a.id
      ) as "refundSettlesAt",
      (
        select coalesce(jsonb_agg(jsonb_build_object(
          'id', d.id, 'authorizationId', d.authorization_id, 'status', d.status, 'amount', d.amount,
          'currency', d.currency, 'reason', d.reason, 'networkReasonCode', d.network_reason_code,
          'submissions', d.submissions, 'respondBy', d.respond_by, 'createdAt', d.created_at
        ) order by d.created_at, d.id collate "C"), '[]')
        from disputes d where d.merchant = a.merchant and d.authorization_id = a.id
      ) as disputes,
      s.id as "acs_id", s.state as "acs_state", s.request as "acs_request", s.capture as "acs_capture",
      s.return_url as "acs_returnUrl", s.transaction_id as "acs_transactionId", s.method_done as "acs_methodDone",
      s.wrong_codes as "acs_wrongCodes", s.flow as "acs_flow", s.result as "acs_result", s.result_reason as "acs_reason",
      s.eci as "acs_eci", s.expires_at as "acs_expiresAt"
    from authorizations a
    left join authentications s on s.merchant = a.merchant and s.authorization_id = a.id
    where a.merchant = ${merchant}
      and ${'id' in which ? db`a.id = ${which.id}` : db`a.reference = ${which.reference}`}`
  return row && authorizationOf(row)
}

function authorizationOf(row: AuthorizationRow): Authorization {
  const own: Record<string, unknown> = {}
  const acs: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(row)) {
    if (name.startsWith('acs_')) acs[name.slice(4)] = value
    else own[name] = value
  }
  return {
    ...(own as Omit<Authorization, Amounts | 'authentication' | 'disputes'>),
    amount: Number(row.amount),
    captured: Number(row.captured),
    released: Number(row.released),
    refunded: Number(row.refunded),
    refundPending: Number(row.refundPending),
    disputed: Number(row.disputed),
    disputes: row.disputes.map((one) => ({
      ...one,
      respondBy: new Date(one.respondBy),
      createdAt: new Date(one.createdAt),
    })),
    authentication: row.acs_id === null ? null : (acs as Authentication),
  }
}

/** The authorization that a cardholder's browser names by its authentication. */
export async function findAuthenticated(
  db: Db,
  authenticationId: string,
): Promise<{ readonly merchant: string; readonly authorization: Authorization } | undefined> {
  const [row] = await db<{ merchant: string; id: string }[]>`
    select merchant, authorization_id as id from authentications where id = ${authenticationId}`
  const authorization = row && (await readAuthorization(db, row.merchant, { id: row.id }))
  return authorization && { merchant: row.merchant, authorization }
}

/** The authorization that a dispute is about. */
export async function findDisputed(db: Db, merchant: string, disputeId: string): Promise<string | undefined> {
  const [row] = await db<{ id: string }[]>`
    select authorization_id as id from disputes where merchant = ${merchant} and id = ${disputeId}`
  return row?.id
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
  page: { readonly after: string; readonly limit: number; readonly kind?: OperationKind },
): Promise<Operation[]> {
  const rows = await db<OperationRow[]>`
    ${operationColumns(db)}
    where merchant = ${merchant} and authorization_id = ${authorizationId} and id collate "C" > ${page.after}
      ${page.kind === undefined ? db`` : db`and kind = ${page.kind}`}
    order by id collate "C"
    limit ${page.limit}`
  return rows.map((row) => ({ ...row, amount: Number(row.amount) }))
}

function operationColumns(db: Db) {
  return db`
    select id, kind, authorization_id as "authorizationId", reference, amount::text, currency, status, origin,
      failure_reason as "failureReason", settles_at as "settlesAt", settles_as as "settlesAs",
      created_at as "createdAt"
    from operations`
}

/** Refunds whose next step is due, the one that is due first before the others. */
export async function readDueRefunds(
  db: Db,
  merchant: string,
  authorizationId: string,
  now: Date,
): Promise<Operation[]> {
  const rows = await db<OperationRow[]>`
    ${operationColumns(db)}
    where merchant = ${merchant} and authorization_id = ${authorizationId} and settles_at <= ${now}
    order by settles_at, id collate "C"`
  return rows.map((row) => ({ ...row, amount: Number(row.amount) }))
}
