import type { Price } from '../../core/catalog.ts'
import type { EventFact } from '../../core/event.ts'
import type { Uuid } from '../../core/ids.ts'
import { changeMetadata, type MetadataChange } from '../../core/metadata.ts'
import { replacedFields } from '../../core/replaced-fields.ts'
import { type Call, type Context, tell } from '../call.ts'
import { type Answer, once } from '../once.ts'
import { done, type Result, refuse } from '../refusals.ts'
import { loserOf } from './create-price.ts'
import { changeDocument } from './differences.ts'
import { firstOf } from './new-rows.ts'

export type PriceChanges = {
  readonly active?: boolean
  readonly lookupKey?: string
  readonly transferLookupKey?: boolean
  readonly metadata?: MetadataChange
  readonly nickname?: string
  readonly taxBehavior?: NonNullable<Price['document']['taxBehavior']>
}

/** Amount and currency of a price never change: what was sold for it stays true. */
export function updatePrice(context: Context, call: Call, id: Uuid, changes: PriceChanges): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { env, storage } = context
    const { tenant } = call.caller
    const before = await storage.findPrice(tenant, id)
    if (!before) return refuse('resource_missing')
    const { taxBehavior = 'unspecified' } = before.document
    if (changes.taxBehavior && changes.taxBehavior !== taxBehavior && taxBehavior !== 'unspecified') {
      return refuse('tax_behavior_fixed', 'tax_behavior')
    }
    const after = changed(before, changes)
    const previous = replacedFields(before, after, ['active', 'lookupKey', 'document'])
    if (!previous) return done({ set: {}, objectId: id, snapshot: { is: 'price', v: 1, price: before } })
    const price: Price = { ...after, version: before.version + 1 }
    const loser = await loserOf(context, call, changes, id)
    const snapshot = { is: 'price', v: 1, price } as const
    const told = tell(env, tenant, 'price.updated', firstOf(price), snapshot, { call, previous })
    const events: EventFact[] = [told]
    if (loser) {
      const lost = { is: 'price', v: 1, price: loser } as const
      const key = { lookupKey: changes.lookupKey }
      events.push(tell(env, tenant, 'price.updated', firstOf(loser), lost, { call, previous: key }))
    }
    return done({
      set: { prices: loser ? [loser, price] : [price], events },
      objectId: id,
      snapshot,
      eventId: told.id,
    })
  })
}

function changed(before: Price, { active, lookupKey, metadata, nickname, taxBehavior }: PriceChanges): Price {
  const document = changeDocument(before.document, {
    ...(nickname === undefined ? {} : { nickname }),
    ...(taxBehavior === undefined ? {} : { taxBehavior }),
    ...(metadata === undefined ? {} : { metadata: changeMetadata(before.document.metadata, metadata) }),
  })
  return { ...before, active: active ?? before.active, lookupKey: lookupKey ?? before.lookupKey, document }
}
