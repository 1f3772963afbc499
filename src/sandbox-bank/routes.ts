import { type Answer, answerWith, Refusal } from './answer.ts'
import { type OperationKind, renderAuthorization, renderOperation } from './authorization.ts'
import { type Books, bookAuthorization, bookOperation, cutoff } from './book.ts'
import { type Claim, findAnswer, fingerprintOf, type InFlight, KeyTaken } from './idempotency.ts'
import { judgeCard } from './judge-card.ts'
import {
  parseAuthorization,
  parseBooksQuery,
  parseOperation,
  parseOperationsQuery,
  parseReferenceQuery,
  refuseCardNumberIn,
} from './parse.ts'
import { listOperations, readAuthorization, readBooks, readOperation } from './read.ts'

/** One request, past the wire. */
export type Call = {
  readonly merchant: string
  /** The `:id` of the path, or the empty string. */
  readonly id: string
  readonly query: URLSearchParams
  readonly body: unknown
  readonly idempotencyKey: string | undefined
}
export type Bank = Books & { readonly inFlight: InFlight }

/** What a POST asks for, understood but not done. */
export type Order = {
  readonly reference: string
  readonly fingerprint: Uint8Array
  book(claim: Claim | undefined): Promise<Answer>
}
export type Route =
  | { readonly method: 'GET'; readonly path: string; read(bank: Bank, call: Call): Promise<Answer> }
  | { readonly method: 'POST'; readonly path: string; order(bank: Bank, call: Call): Order }

/** Every path of the bank. The access control server and the admin API of the fault plan add theirs here. */
export const ROUTES: readonly Route[] = [
  { method: 'POST', path: '/v1/authorizations', order: orderAuthorization },
  {
    method: 'GET',
    path: '/v1/authorizations',
    read: findByReference('authorization', readAuthorization, renderAuthorization),
  },
  { method: 'GET', path: '/v1/authorizations/:id', read: readOne(readAuthorization, renderAuthorization) },
  { method: 'POST', path: '/v1/authorizations/:id/captures', order: orderOperation('capture') },
  { method: 'POST', path: '/v1/authorizations/:id/voids', order: orderOperation('void') },
  { method: 'POST', path: '/v1/authorizations/:id/refunds', order: orderOperation('refund') },
  { method: 'GET', path: '/v1/authorizations/:id/operations', read: readOperationsOf },
  { method: 'GET', path: '/v1/operations', read: findByReference('operation', readOperation, renderOperation) },
  { method: 'GET', path: '/v1/operations/:id', read: readOne(readOperation, renderOperation) },
  { method: 'GET', path: '/v1/books', read: readBooksOf },
]

/** Does an order once: the same key and parameters get the stored answer, whether or not the first was heard. */
export async function doOnce(
  bank: Bank,
  call: Call,
  order: Order,
  gate: (point: 'before_book' | 'after_book') => Promise<void>,
): Promise<Answer> {
  const claim =
    call.idempotencyKey === undefined ? undefined : { key: call.idempotencyKey, fingerprint: order.fingerprint }
  const leave = claim && bank.inFlight.enter(call.merchant, claim.key)
  let answer: Answer
  try {
    const stored = claim && (await findAnswer(bank.sql, call.merchant, claim, cutoff(bank)))
    if (stored) return stored
    await gate('before_book')
    answer = await order.book(claim)
  } catch (error) {
    // Another process of the bank did the same order first; its answer is ours.
    const lost = error instanceof KeyTaken || (error instanceof Refusal && error.code === 'reference_used')
    const winner = claim && lost && (await findAnswer(bank.sql, call.merchant, claim, cutoff(bank)))
    if (winner) return winner
    throw error
  } finally {
    leave?.() // Committed or not: from here on the stored answer, if there is one, speaks for this key.
  }
  await gate('after_book')
  return answer
}

function orderAuthorization(bank: Bank, call: Call): Order {
  const { card, ...order } = parseAuthorization(call.body)
  refuseCardNumberIn(call.idempotencyKey, card.number, 'Idempotency-Key')
  const judged = judgeCard(card, bank.env.now()) // The number goes no further than this line.
  return {
    reference: order.reference,
    fingerprint: fingerprintOf([
      '/v1/authorizations',
      order.reference,
      order.amount,
      order.currency,
      order.capture,
      order.statementDescriptor,
      judged.testCard,
      judged.brand,
      judged.last4,
      card.expMonth,
      card.expYear,
    ]),
    book: (claim) => bookAuthorization(bank, call.merchant, order, judged, claim),
  }
}

function orderOperation(kind: OperationKind) {
  return (bank: Bank, call: Call): Order => {
    const order = parseOperation(call.body, kind !== 'void')
    return {
      reference: order.reference,
      fingerprint: fingerprintOf([kind, call.id, order.reference, order.amount]),
      book: (claim) => bookOperation(bank, call.merchant, call.id, kind, order, claim),
    }
  }
}

function findByReference<T>(
  name: 'authorization' | 'operation',
  find: (sql: Books['sql'], merchant: string, which: { reference: string }) => Promise<T | undefined>,
  render: (found: T) => object,
) {
  return async (bank: Bank, call: Call): Promise<Answer> => {
    const found = await find(bank.sql, call.merchant, { reference: parseReferenceQuery(call.query) })
    return answerWith(200, found ? { found: true, [name]: render(found) } : { found: false })
  }
}

function readOne<T>(
  find: (sql: Books['sql'], merchant: string, which: { id: string }) => Promise<T | undefined>,
  render: (found: T) => object,
) {
  return async (bank: Bank, call: Call): Promise<Answer> => {
    const found = await find(bank.sql, call.merchant, { id: call.id })
    if (!found) throw new Refusal('not_found', 'Nothing has this id.')
    return answerWith(200, render(found))
  }
}

async function readOperationsOf(bank: Bank, call: Call): Promise<Answer> {
  const { after, limit } = parseOperationsQuery(call.query)
  const found = await listOperations(bank.sql, call.merchant, call.id, { after, limit: limit + 1 })
  const shown = found.slice(0, limit)
  const next = found.length > limit ? (shown.at(-1)?.id ?? null) : null
  return answerWith(200, { operations: shown.map(renderOperation), next_cursor: next })
}

async function readBooksOf(bank: Bank, call: Call): Promise<Answer> {
  const { merchant, ...page } = parseBooksQuery(call.query)
  if (merchant !== undefined && merchant !== call.merchant)
    throw new Refusal('forbidden', 'A key opens the books of its own merchant.', 'merchant')
  return answerWith(200, await readBooks(bank.sql, call.merchant, page))
}
