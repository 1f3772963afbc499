import { type Answer, answerWith, Refusal } from './answer.ts'
import {
  type Authorization,
  isDue,
  type Operation,
  type OperationKind,
  renderAuthorization,
  renderOperation,
} from './authorization.ts'
import { bookAuthorization } from './book-authorization.ts'
import { bookOperation, cancelRefund } from './book-operation.ts'
import { type Books, cutoff } from './books.ts'
import { continueAuthorization } from './continue.ts'
import { DECLINES } from './declines.ts'
import { renderDispute } from './dispute.ts'
import { type Claim, findAnswer, fingerprintOf, forgetAnswer, type InFlight, KeyTaken } from './idempotency.ts'
import { judgeCard } from './judge-card.ts'
import { moveDispute } from './move-dispute.ts'
import {
  parseAuthorization,
  parseBooksQuery,
  parseEvidence,
  parseNothing,
  parseOperation,
  parseOperationsQuery,
  parseReferenceQuery,
  refuseCardNumberIn,
} from './parse.ts'
import { findDisputed, listOperations, readAuthorization, readOperation } from './read.ts'
import { readBooks } from './read-books.ts'
import { settleNow } from './settle.ts'
import type { Conduct } from './test-cards.ts'

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
  /** Absent when the path names what is ordered. */
  readonly reference: string | undefined
  readonly fingerprint: Uint8Array
  /** How the bank behaves while it does this one. */
  readonly conduct?: Conduct | undefined
  book(claim: Claim | undefined): Promise<Answer>
}
export type Route =
  | { readonly method: 'GET'; readonly path: string; read(bank: Bank, call: Call): Promise<Answer> }
  | {
      readonly method: 'POST'
      readonly path: string
      /** In bytes, where it is more than usual. */
      readonly largestBody?: number
      order(bank: Bank, call: Call): Order
    }

/** Every path that merchants use. Cardholders have theirs in acs.ts, the back office in admin.ts. */
export const ROUTES: readonly Route[] = [
  { method: 'POST', path: '/v1/authorizations', order: orderAuthorization },
  { method: 'GET', path: '/v1/authorizations', read: findAuthorization },
  { method: 'GET', path: '/v1/authorizations/:id', read: readOneAuthorization },
  { method: 'POST', path: '/v1/authorizations/:id/continue', order: orderContinuation },
  { method: 'POST', path: '/v1/authorizations/:id/captures', order: orderOperation('capture') },
  { method: 'POST', path: '/v1/authorizations/:id/voids', order: orderOperation('void') },
  { method: 'POST', path: '/v1/authorizations/:id/refunds', order: orderOperation('refund') },
  { method: 'GET', path: '/v1/authorizations/:id/operations', read: readOperationsOf },
  { method: 'GET', path: '/v1/operations', read: findOperation },
  { method: 'GET', path: '/v1/operations/:id', read: readOneOperation },
  { method: 'POST', path: '/v1/operations/:id/cancel', order: orderCancellation },
  { method: 'GET', path: '/v1/disputes/:id', read: readOneDispute },
  { method: 'POST', path: '/v1/disputes/:id/evidence', order: orderEvidence, largestBody: 1024 * 1024 },
  { method: 'POST', path: '/v1/disputes/:id/acceptance', order: orderAcceptance },
  { method: 'GET', path: '/v1/books', read: readBooksOf },
]

/** Does an order once: the same key and parameters get the stored answer, whether or not the first was heard. */
export async function doOnce(
  bank: Bank,
  call: Call,
  order: Order,
  pass: (point: 'before_book' | 'after_book') => Promise<void>,
  forgetsKey: boolean,
): Promise<Answer> {
  const claim =
    call.idempotencyKey === undefined ? undefined : { key: call.idempotencyKey, fingerprint: order.fingerprint }
  const leave = claim && bank.inFlight.enter(call.merchant, claim.key)
  let answer: Answer
  try {
    if (claim && forgetsKey) await forgetAnswer(bank.sql, call.merchant, claim.key)
    const stored = claim && (await findAnswer(bank.sql, call.merchant, claim, cutoff(bank)))
    if (stored) return stored
    await pass('before_book')
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
  await pass('after_book')
  return answer
}

function orderAuthorization(bank: Bank, call: Call): Order {
  const { card: presented, ...order } = parseAuthorization(call.body)
  refuseCardNumberIn(call.idempotencyKey, presented.number, 'Idempotency-Key')
  const card = judgeCard(presented, bank.env.now()) // The number goes no further than this line.
  const { threeDSecure: asked, expectedError: error } = order
  const judged = error ? { ...card, decline: DECLINES[error], authentication: undefined } : card
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
      presented.expMonth,
      presented.expYear,
      ...(error ? [error] : []),
      ...(asked ? [asked.returnUrl, asked.request, asked.stored, asked.hasBrowser] : []),
    ]),
    conduct: judged.conduct,
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

function orderContinuation(bank: Bank, call: Call): Order {
  parseNothing(call.body)
  return {
    reference: undefined,
    fingerprint: fingerprintOf(['continue', call.id]),
    book: (claim) => continueAuthorization(bank, call.merchant, call.id, claim),
  }
}

function orderCancellation(bank: Bank, call: Call): Order {
  parseNothing(call.body)
  return {
    reference: undefined,
    fingerprint: fingerprintOf(['cancel', call.id]),
    book: (claim) => cancelRefund(bank, call.merchant, call.id, claim),
  }
}

/** Of what the merchant says nothing is kept: the issuer reads it once. */
function orderEvidence(bank: Bank, call: Call): Order {
  const evidence = parseEvidence(call.body)
  const step = { is: 'answered', text: evidence.uncategorized_text } as const
  const spelled = Object.entries(evidence).flat()
  return {
    reference: undefined,
    fingerprint: fingerprintOf(['evidence', call.id, ...spelled]),
    book: (claim) => moveDispute(bank, call.merchant, call.id, step, claim),
  }
}

function orderAcceptance(bank: Bank, call: Call): Order {
  parseNothing(call.body)
  return {
    reference: undefined,
    fingerprint: fingerprintOf(['acceptance', call.id]),
    book: (claim) => moveDispute(bank, call.merchant, call.id, { is: 'accepted' }, claim),
  }
}

type Which = { readonly id: string } | { readonly reference: string }
const MOST_REFUNDS_SHOWN = 100

/** As it is now: what only the clock decides is decided first. With its refunds, whoever made them. */
async function presentAuthorization(bank: Bank, merchant: string, which: Which): Promise<object | undefined> {
  const due: Authorization | undefined = await readAuthorization(bank.sql, merchant, which)
  if (due && isDue(due, bank.env.now())) await settleNow(bank, merchant, due.id)
  // Of one moment: its sums and its list agree also while a refund is being booked.
  return bank.sql.begin('isolation level repeatable read read only', async (tx) => {
    const found = await readAuthorization(tx, merchant, which)
    if (!found) return undefined
    const page = { after: '', limit: MOST_REFUNDS_SHOWN + 1, kind: 'refund' } as const
    const refunds = await listOperations(tx, merchant, found.id, page)
    return {
      ...renderAuthorization(found, bank.origin),
      refunds: refunds.slice(0, MOST_REFUNDS_SHOWN).map(renderOperation),
      more_refunds: refunds.length > MOST_REFUNDS_SHOWN,
    }
  })
}

async function presentOperation(bank: Bank, merchant: string, which: Which): Promise<object | undefined> {
  let found: Operation | undefined = await readOperation(bank.sql, merchant, which)
  if (found?.settlesAt && found.settlesAt <= bank.env.now()) {
    await settleNow(bank, merchant, found.authorizationId)
    found = await readOperation(bank.sql, merchant, which)
  }
  return found && renderOperation(found)
}

async function findAuthorization(bank: Bank, call: Call): Promise<Answer> {
  const authorization = await presentAuthorization(bank, call.merchant, { reference: parseReferenceQuery(call.query) })
  return answerWith(200, authorization ? { found: true, authorization } : { found: false })
}

async function findOperation(bank: Bank, call: Call): Promise<Answer> {
  const operation = await presentOperation(bank, call.merchant, { reference: parseReferenceQuery(call.query) })
  return answerWith(200, operation ? { found: true, operation } : { found: false })
}

async function readOneAuthorization(bank: Bank, call: Call): Promise<Answer> {
  return foundAnswer(await presentAuthorization(bank, call.merchant, { id: call.id }))
}

async function readOneOperation(bank: Bank, call: Call): Promise<Answer> {
  return foundAnswer(await presentOperation(bank, call.merchant, { id: call.id }))
}

async function readOneDispute(bank: Bank, call: Call): Promise<Answer> {
  const id = await findDisputed(bank.sql, call.merchant, call.id)
  if (id !== undefined) await settleNow(bank, call.merchant, id)
  const authorization = id === undefined ? undefined : await readAuthorization(bank.sql, call.merchant, { id })
  const dispute = authorization?.disputes.find((one) => one.id === call.id)
  return foundAnswer(dispute && renderDispute(dispute))
}

function foundAnswer(found: object | undefined): Answer {
  if (!found) throw new Refusal('not_found', 'Nothing has this id.')
  return answerWith(200, found)
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
