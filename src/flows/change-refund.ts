import type { Uuid } from '../core/ids.ts'
import { changeMetadata, type MetadataChange } from '../core/metadata.ts'
import type { Refund } from '../core/refund.ts'
import { applyEvidence } from './apply-evidence.ts'
import { rejectRefund } from './approve-refund.ts'
import { type Call, type Context, tell } from './call.ts'
import { connectorOf, orderNamed } from './charging.ts'
import { type Answer, findAnswer, once } from './once.ts'
import type { Payments } from './pay.ts'
import { done, type Result, refuse } from './refusals.ts'

/**
 * Calls a refund back before its money leaves, where its provider can. Asking twice is harmless, so this order has no row
 * of its own: an answer that was lost is found by the look that every pending refund gets.
 */
export async function cancelRefund(payments: Payments, call: Call, id: Uuid): Promise<Result<Answer>> {
  const earlier = await findAnswer(payments, call)
  if (earlier) return earlier
  const { tenant } = call.caller
  const refund = await payments.storage.findRefund(tenant, id)
  const attempt = refund && (await payments.storage.findAttempt(tenant, refund.chargeId))
  if (!refund || !attempt) return refuse('resource_missing', 'refund')
  if (refund.approval === 'waiting') return rejectRefund(payments, call, id)
  if (refund.state !== 'pending' || refund.providerId === null) return notCancelable(refund)
  const connector = connectorOf(payments.connectors, attempt.charge)
  if (!connector?.cancelRefund) return refuse('refund_not_cancelable', undefined, 'its provider cannot call it back')
  const order = { charge: orderNamed(attempt.charge), providerId: refund.providerId, key: `cancel-${refund.id}` }
  const heard = await connector.cancelRefund(order, payments.outside)
  const { charge, payment, refunds } = await applyEvidence(payments, attempt, { ...heard, about: null })
  return once(payments, call, async () => {
    const after = refunds.find((one) => one.id === id)
    if (after?.state !== 'canceled') return notCancelable(after ?? refund)
    return done({ set: {}, objectId: id, snapshot: { is: 'refund', v: 1, refund: after, charge, payment } })
  })
}

const notCancelable = ({ state }: Refund): Result<never> =>
  refuse('refund_not_cancelable', undefined, `its status is ${state}`)

/** The shop's own notes on a refund. */
export function updateRefund(context: Context, call: Call, id: Uuid, change: MetadataChange): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { tenant } = call.caller
    const before = await context.storage.findRefund(tenant, id)
    const attempt = before && (await context.storage.findAttempt(tenant, before.chargeId))
    if (!before || !attempt) return refuse('resource_missing', 'refund')
    const metadata = changeMetadata(before.document.metadata, change)
    const refund: Refund = { ...before, version: before.version + 1, document: { ...before.document, metadata } }
    // The charge's version stands for its refunds, and the payment's orders the events.
    const charge = { ...attempt.charge, version: attempt.charge.version + 1 }
    const payment = { ...attempt.payment, version: attempt.payment.version + 1 }
    const snapshot = { is: 'refund', v: 1, refund, charge, payment } as const
    const place = { root: payment.id, rootVersion: payment.version, ordinal: 1 }
    const previous = { document: before.document }
    const event = tell(context.env, tenant, 'refund.updated', place, snapshot, { call, previous })
    return done({
      set: { payments: [payment], charges: [charge], refunds: [refund], events: [event] },
      objectId: id,
      snapshot,
      eventId: event.id,
    })
  })
}
