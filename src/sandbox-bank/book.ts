import { type Answer, answerWith, errorAnswer, Refusal } from './answer.ts'
import {
  type Authorization,
  type Operation,
  type OperationKind,
  renderAuthorization,
  renderOperation,
} from './authorization.ts'
import { decideOperation, type Movement } from './decide-operation.ts'
import { type BankEnv, type Db, newId, type Sql, type TransactionSql } from './env.ts'
import { type Claim, rememberAnswer } from './idempotency.ts'
import type { JudgedCard } from './judge-card.ts'
import type { AuthorizationOrder, OperationOrder } from './parse.ts'
import { readAuthorization } from './read.ts'

export type Books = { readonly sql: Sql; readonly env: BankEnv; readonly idempotencyWindowMs: number }

/** One commit for the authorization, its entries and the stored answer. */
export async function bookAuthorization(
  books: Books,
  merchant: string,
  order: Omit<AuthorizationOrder, 'card'>,
  card: JudgedCard,
  claim: Claim | undefined,
): Promise<Answer> {
  const now = books.env.now()
  const authorization = openAuthorization(books.env, order, card, now)
  const answer = answerWith(201, renderAuthorization(authorization))
  const held: Movement[] = card.decline ? [] : [{ kind: 'authorize', amount: order.amount }]
  if (authorization.captured > 0) held.push({ kind: 'capture', amount: order.amount })
  await withFreeReference(() =>
    books.sql.begin(async (tx) => {
      await tx`insert into merchants (merchant, opened_at) values (${merchant}, ${now}) on conflict do nothing`
      await insertAuthorization(tx, merchant, authorization, card, order.statementDescriptor)
      await Promise.all([
        insertEntries(tx, merchant, authorization, authorization, held, now),
        rememberAnswer(tx, merchant, claim, answer, now, cutoff(books)),
      ])
    }),
  )
  return answer
}

/** Waits for whoever moves the same authorization, decides on what is left, and books it in one commit. */
export async function bookOperation(
  books: Books,
  merchant: string,
  authorizationId: string,
  kind: OperationKind,
  order: OperationOrder,
  claim: Claim | undefined,
): Promise<Answer> {
  const now = books.env.now()
  return withFreeReference(() =>
    books.sql.begin(async (tx) => {
      const before = await readAuthorization(tx, merchant, { id: authorizationId, lock: true })
      if (!before) throw new Refusal('not_found', 'No such authorization.')
      const decision = decideOperation(before, kind, order.amount)
      if (!decision.ok) {
        // A refusal is an answer too: the same key must hear it again even when the money allows it by then.
        const refusal = errorAnswer(
          decision.error,
          decision.message,
          decision.error === 'wrong_state' ? undefined : 'amount',
        )
        await rememberAnswer(tx, merchant, claim, refusal, now, cutoff(books))
        return refusal
      }
      const operation: Operation = {
        id: newId(ID_PREFIX[kind], books.env),
        kind,
        authorizationId,
        reference: order.reference,
        amount: decision.amount,
        currency: before.currency,
        status: 'succeeded',
        createdAt: now,
      }
      const answer = answerWith(201, renderOperation(operation))
      await Promise.all([
        saveMoney(tx, merchant, before, { ...before, ...decision.next }),
        insertOperation(tx, merchant, operation),
        insertEntries(tx, merchant, before, operation, decision.movements, now),
        rememberAnswer(tx, merchant, claim, answer, now, cutoff(books)),
      ])
      return answer
    }),
  )
}

/** Answers before this moment are forgotten. */
export function cutoff(books: Pick<Books, 'env' | 'idempotencyWindowMs'>): Date {
  return new Date(books.env.now().getTime() - books.idempotencyWindowMs)
}

const ID_PREFIX = { capture: 'cap', void: 'void', refund: 'rfnd' } as const

function openAuthorization(
  env: BankEnv,
  order: Omit<AuthorizationOrder, 'card'>,
  card: JudgedCard,
  now: Date,
): Authorization {
  return {
    id: newId('auth', env),
    reference: order.reference,
    status: card.decline ? 'declined' : order.capture ? 'captured' : 'authorized',
    amount: order.amount,
    captured: order.capture && !card.decline ? order.amount : 0,
    released: 0,
    refunded: 0,
    currency: order.currency,
    declineCode: card.decline?.code ?? null,
    brand: card.brand,
    funding: card.funding,
    cvcCheck: card.cvcCheck,
    postalCheck: card.postalCheck,
    networkTransaction: codeOf(env, 15),
    authorizationCode: card.decline ? null : codeOf(env, 6),
    createdAt: now,
  }
}

async function insertAuthorization(
  db: Db,
  merchant: string,
  authorization: Authorization,
  card: JudgedCard,
  descriptor: string | undefined,
): Promise<void> {
  await db`
    insert into authorizations (
      merchant, id, reference, amount, currency, status, captured_amount, decline_code, test_card, brand, funding,
      last4, cvc_check, postal_check, network_transaction, authorization_code, statement_descriptor, created_at
    ) values (
      ${merchant}, ${authorization.id}, ${authorization.reference}, ${authorization.amount}, ${authorization.currency},
      ${authorization.status}, ${authorization.captured}, ${authorization.declineCode}, ${card.testCard}, ${card.brand},
      ${card.funding}, ${card.last4}, ${card.cvcCheck}, ${card.postalCheck}, ${authorization.networkTransaction},
      ${authorization.authorizationCode}, ${descriptor ?? null}, ${authorization.createdAt}
    )`
}

async function insertOperation(db: Db, merchant: string, operation: Operation): Promise<void> {
  await db`
    insert into operations (merchant, id, authorization_id, kind, reference, amount, currency, status, created_at)
    values (
      ${merchant}, ${operation.id}, ${operation.authorizationId}, ${operation.kind}, ${operation.reference},
      ${operation.amount}, ${operation.currency}, ${operation.status}, ${operation.createdAt}
    )`
}

/** Guarded by what was read under the lock; the table's checks guard it once more. */
async function saveMoney(
  db: TransactionSql,
  merchant: string,
  before: Authorization,
  after: Authorization,
): Promise<void> {
  const { count } = await db`
    update authorizations
    set status = ${after.status}, captured_amount = ${after.captured}, released_amount = ${after.released},
        refunded_amount = ${after.refunded}
    where merchant = ${merchant} and id = ${before.id} and status = ${before.status}
      and captured_amount = ${before.captured} and refunded_amount = ${before.refunded}`
  if (count !== 1) throw new Error('an authorization changed under its lock')
}

async function insertEntries(
  db: Db,
  merchant: string,
  authorization: Authorization,
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
} as const

/** The database decides who was first under a reference. */
async function withFreeReference<T>(book: () => Promise<T>): Promise<T> {
  try {
    return await book()
  } catch (error) {
    const constraint = error instanceof Error && 'constraint_name' in error ? error.constraint_name : undefined
    if (constraint === 'authorizations_reference' || constraint === 'operations_reference')
      throw new Refusal('reference_used', 'This reference was used before; ask for it by reference.', 'reference')
    throw error
  }
}

/** Capital letters and digits, as networks print them. 32 of them, so every random byte weighs the same. */
function codeOf(env: BankEnv, length: number): string {
  return Array.from(env.randomBytes(length), (byte) => 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'[byte & 31]).join('')
}
