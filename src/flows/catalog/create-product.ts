import { type Call, type Context, tell } from '../call.ts'
import { type Answer, once } from '../once.ts'
import { done, type Result } from '../refusals.ts'
import { firstOf, type NewProduct, newPriceRow, newProductRow } from './new-rows.ts'

/** A product, and its first price where one is given, in one commit. */
export function createProduct(context: Context, call: Call, input: NewProduct): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { env } = context
    const { tenant } = call.caller
    const bare = newProductRow(context, call, input)
    const price = input.defaultPrice && newPriceRow(context, call, input.defaultPrice, bare.id)
    const product = price ? { ...bare, document: { ...bare.document, defaultPriceId: price.id } } : bare
    const snapshot = { is: 'product', v: 1, product } as const
    const told = tell(env, tenant, 'product.created', firstOf(product), snapshot, { call })
    const priced = price && tell(env, tenant, 'price.created', firstOf(price), { is: 'price', v: 1, price }, { call })
    return done({
      set: { products: [product], prices: price ? [price] : [], events: priced ? [told, priced] : [told] },
      objectId: product.id,
      snapshot,
      eventId: told.id,
    })
  })
}
