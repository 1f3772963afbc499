import type { Uuid } from '../core/ids.ts'
import { changeMetadata, type MetadataChange } from '../core/metadata.ts'
import type { Refund } from '../core/refund.ts'
import { type Call, type Context, tell } from './call.ts'
import { type Answer, once } from './once.ts'
import type { Payments } from './pay.ts'
import { done, type Result, refuse } from './refusals.ts'

/** Calls a refund back before the money leaves. No provider of a card's refund can, so far; a finished one is over. */
export async function cancelRefund({ storage }: Payments, call: Call, id: Uuid): Promise<Result<Answer>> {
  const refund = await storage.findRefund(call.caller.tenant, id)
  if (!refund) return refuse('resource_missing', 'refund')
  const under = refund.state === 'requested' || refund.state === 'pending' || refund.state === 'needs_review'
  const because = under ? 'its provider cannot call it back' : `its status is ${refund.state}`
  return refuse('refund_not_cancelable', undefined, because)
}

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
