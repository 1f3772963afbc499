import type { Dispute } from '../core/dispute.ts'
import type { Uuid } from '../core/ids.ts'
import { changeMetadata, type MetadataChange } from '../core/metadata.ts'
import { type Call, type Context, tell } from './call.ts'
import { type Answer, once } from './once.ts'
import { done, type Result, refuse } from './refusals.ts'

/** The shop's own notes on a dispute. */
export const updateDispute = (
  context: Context,
  call: Call,
  id: Uuid,
  change: MetadataChange,
): Promise<Result<Answer>> =>
  changeDispute(context, call, id, 'charge.dispute.updated', (before) => ({
    ...before,
    document: { ...before.document, metadata: changeMetadata(before.document.metadata, change) },
  }))

/** The shop has nothing to say to an inquiry. The issuer may still take the money back; that would be another dispute. */
export const closeDispute = (context: Context, call: Call, id: Uuid): Promise<Result<Answer>> =>
  changeDispute(context, call, id, 'charge.dispute.closed', (before) =>
    before.state === 'closed' ? undefined : { ...before, state: 'closed' },
  )

function changeDispute(
  context: Context,
  call: Call,
  id: Uuid,
  type: 'charge.dispute.updated' | 'charge.dispute.closed',
  change: (before: Dispute) => Dispute | undefined,
): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { tenant } = call.caller
    const before = await context.storage.findDispute(tenant, id)
    if (!before) return refuse('resource_missing')
    const changed = change(before)
    if (!changed) return refuse('dispute_closed')
    const dispute: Dispute = { ...changed, version: before.version + 1 }
    const snapshot = { is: 'dispute', v: 1, dispute } as const
    const place = { root: id, rootVersion: dispute.version, ordinal: 1 }
    const previous = { state: before.state, document: before.document }
    const event = tell(context.env, tenant, type, place, snapshot, { call, previous })
    return done({ set: { disputes: [dispute], events: [event] }, objectId: id, snapshot, eventId: event.id })
  })
}
