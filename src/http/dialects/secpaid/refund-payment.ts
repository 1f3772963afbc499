import type { Static } from '@fastify/type-provider-typebox'
import type { FastifyRequest } from 'fastify'
import { settingsOf } from '../../../core/account.ts'
import { parseCurrency } from '../../../core/currencies.ts'
import { parseDecimal } from '../../../core/money.ts'
import { askForRefund } from '../../../flows/approve-refund.ts'
import { requestRefund } from '../../../flows/order-refund.ts'
import type { Refusal } from '../../../flows/refusals.ts'
import { callerOf } from '../../api/api.ts'
import { messageOf } from '../../errors.ts'
import { callThrough, type DoorDeps } from '../door.ts'
import { parseLinkNumber } from './ids.ts'
import { answer, refusal } from './manner.ts'
import type { RefundPayment } from './parameters.ts'

/**
 * Clients of this system send no idempotency key, so the second of two equal requests must not be a second refund: a
 * payment takes one request, and another only where that one was rejected or failed.
 */
export async function refundPayment(deps: DoorDeps, request: FastifyRequest, body: Static<typeof RefundPayment>) {
  const { tenant } = callerOf(request)
  const number = parseLinkNumber(body.pay_id)
  const view = number === undefined ? undefined : await deps.storage.findLink(tenant, number)
  if (!view) return refusal('Invalid link ID')
  const { session, payment } = view
  if (session.state === 'canceled' || session.state === 'failed') return refusal('Link is cancelled')
  if (session.state !== 'complete' || !payment) return refusal('Link is not paid')
  const currency = parseCurrency(session.currency)
  const amount = currency && parseDecimal(body.refund_amount, currency)?.minor
  if (amount === undefined || amount === 0n) return refusal('Invalid refund amount')
  const account = await deps.storage.findAccount(tenant)
  const waits = account && settingsOf(account, tenant).secpaidRefundApproval === 'operator'
  const wish = { paymentId: payment.id, amount, only: true } as const
  const asked = await (waits ? askForRefund : requestRefund)(deps, callThrough(request), wish)
  if (!asked.ok) return refusal(WORDS[asked.refusal.code] ?? messageOf(asked.refusal))
  const { snapshot } = asked.value
  if (snapshot.is === 'refund' && snapshot.refund.state === 'failed') return refusal('The provider refused the refund')
  return answer('Refund request has been sent successfully, You will get update within 5-10 days')
}

const WORDS: { readonly [code in Refusal['code']]?: string } = {
  amount_too_large: 'Invalid refund amount',
  charge_already_refunded: 'Refund already requested',
  charge_disputed: 'Refund blocked by dispute',
}
