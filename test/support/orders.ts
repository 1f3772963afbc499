import assert from 'node:assert/strict'
import type { Attempt } from '../../src/core/attempt.ts'
import { nameOf, type Uuid } from '../../src/core/ids.ts'
import type { Payment } from '../../src/core/payment.ts'
import type { Refund } from '../../src/core/refund.ts'
import type { Call } from '../../src/flows/call.ts'
import type { Answer } from '../../src/flows/once.ts'
import type { Result } from '../../src/flows/refusals.ts'
import type { TestTill } from './till.ts'

export const GOOD = '4242424242424242'

/** A payment of EUR 24.00 that is only held. */
export async function heldPayment(till: TestTill): Promise<Attempt> {
  return till.pay(await till.openSession({ paymentTemplate: { captureMethod: 'manual' } }), GOOD)
}

/** A payment of EUR 24.00 that was taken at once. */
export const paidPayment = async (till: TestTill): Promise<Attempt> => till.pay(await till.openSession(), GOOD)

/** A request of the shop, with an idempotency key where it has one. */
export function callOf(till: TestTill, key: string | null = null, request = 'POST /v1/x'): Call {
  return { caller: till.caller, requestId: 'req_test', key: key === null ? null : { key, request, parameters: {} } }
}

export function paymentIn(result: Result<Answer>): Payment {
  if (!result.ok || result.value.snapshot.is !== 'payment') throw new Error(JSON.stringify(codeOf(result)))
  return result.value.snapshot.payment
}

export function refundIn(result: Result<Answer>): Refund {
  if (!result.ok || result.value.snapshot.is !== 'refund') throw new Error(JSON.stringify(codeOf(result)))
  return result.value.snapshot.refund
}

/** The refusal's code, or `ok`. */
export const codeOf = (result: Result<unknown>): string => (result.ok ? 'ok' : result.refusal.code)

export async function storedAttempt(till: TestTill, chargeId: Uuid): Promise<Attempt> {
  const attempt = await till.storage.findAttempt(till.caller.tenant, chargeId)
  if (!attempt) throw new Error('no such charge')
  return attempt
}

type BankView = {
  readonly id: string
  readonly status: string
  readonly captured_amount: number
  readonly released_amount: number
  readonly refunded_amount: number
}

/** What the bank shows of a charge. */
export async function atTheBank(till: TestTill, { tenant, id }: Attempt['charge']): Promise<BankView> {
  const reference = nameOf('charge', tenant, id)
  const merchant = `t${tenant}`
  const { body } = await till.bank.send('GET', `/v1/authorizations?reference=${reference}`, undefined, { merchant })
  return body.authorization as BankView
}

/** Somebody moves money at the bank's own side, under a name that is not ours. */
export async function elsewhere(till: TestTill, charge: Attempt['charge'], what: string, fields: object = {}) {
  const order = { reference: `elsewhere-${till.env.randomBytes(4).join('')}`, ...fields }
  const path = `/v1/authorizations/${charge.providerId}/${what}`
  const answer = await till.bank.send('POST', path, order, { merchant: `t${charge.tenant}` })
  assert.equal(answer.status, 201, JSON.stringify(answer.body))
  return answer.body as { readonly id: string }
}

type Total = {
  readonly authorized: string
  readonly captured: string
  readonly voided: string
  readonly refunded: string
  readonly refund_reversed: string
  readonly charged_back: string
  readonly chargeback_reversed: string
}

/** Our ledger and the bank's own books say the same of this account's money. */
export async function assertSameBooks(till: TestTill): Promise<void> {
  const merchant = `t${till.caller.tenant}`
  const { body } = await till.bank.send('GET', '/v1/books', undefined, { merchant })
  const [total] = body.totals as Total[]
  if (!total) throw new Error('the bank has no books of this account')
  const ours = new Map<string, bigint>()
  for (const { account, amount } of await till.storage.readBalances(till.caller.tenant)) ours.set(account, amount)
  const balance = (account: string) => ours.get(account) ?? 0n
  const bank = {
    held: BigInt(total.authorized) - BigInt(total.captured) - BigInt(total.voided),
    captured: BigInt(total.captured),
    refunded: BigInt(total.refunded) - BigInt(total.refund_reversed),
    disputed: BigInt(total.charged_back) - BigInt(total.chargeback_reversed),
  }
  const [held, captured] = [balance('authorized'), -balance('sales')]
  assert.deepEqual({ held, captured, refunded: balance('refunds'), disputed: balance('disputes') }, bank)
  assert.equal(balance('receivable'), bank.captured - bank.refunded - bank.disputed)
}

/** The events about one payment, in their order. */
export async function toldOf(till: TestTill, paymentId: Uuid): Promise<readonly string[]> {
  const rows = await till.db.sql<{ type: string }[]>`
    select type from events where root = ${paymentId} order by root_version, ordinal`
  return rows.map(({ type }) => type)
}
