import type { Price, Product } from '../../core/catalog.ts'
import type { EventFact } from '../../core/event.ts'
import type { Uuid } from '../../core/ids.ts'
import { type Call, type Context, tell } from '../call.ts'
import { type Answer, once } from '../once.ts'
import { done, type Result, refuse } from '../refusals.ts'
import { firstOf, type NewPrice, newPriceRow, newProductRow } from './new-rows.ts'

export function createPrice(context: Context, call: Call, input: NewPrice): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { env } = context
    const { tenant } = call.caller
    const made = 'data' in input.product ? newProductRow(context, call, input.product.data) : undefined
    const product = made ?? (await requireProduct(context, call, input.product))
    if (!product) return refuse('resource_missing', 'product')
    const price = newPriceRow(context, call, input, product.id)
    const loser = await loserOf(context, call, input)
    const snapshot = { is: 'price', v: 1, price } as const
    const told = tell(env, tenant, 'price.created', firstOf(price), snapshot, { call })
    const events: EventFact[] = [told]
    if (made) {
      events.push(tell(env, tenant, 'product.created', firstOf(made), { is: 'product', v: 1, product: made }, { call }))
    }
    if (loser) {
      const previous = { lookupKey: input.lookupKey }
      const lost = { is: 'price', v: 1, price: loser } as const
      events.push(tell(env, tenant, 'price.updated', firstOf(loser), lost, { call, previous }))
    }
    return done({
      set: { products: made ? [made] : [], prices: loser ? [loser, price] : [price], events },
      objectId: price.id,
      snapshot,
      eventId: told.id,
    })
  })
}

async function requireProduct(context: Context, { caller }: Call, product: NewPrice['product']) {
  if ('data' in product) return undefined
  const found: Product | undefined = await context.storage.findProduct(caller.tenant, product.id)
  return found?.deleted ? undefined : found
}

/**
 * The price that loses its lookup key to this one. Without a transfer nobody is asked for: the unique index says whether
 * the key is free.
 */
export async function loserOf(
  { storage }: Context,
  { caller }: Call,
  { lookupKey, transferLookupKey }: Pick<NewPrice, 'lookupKey' | 'transferLookupKey'>,
  except?: Uuid,
): Promise<Price | undefined> {
  if (!transferLookupKey || lookupKey === undefined) return undefined
  const { items } = await storage.listPrices(caller.tenant, { limit: 1 }, { lookupKeys: [lookupKey] })
  const [holder] = items
  return holder && holder.id !== except ? { ...holder, version: holder.version + 1, lookupKey: null } : undefined
}
