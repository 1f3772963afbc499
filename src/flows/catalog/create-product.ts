import type { Product } from '../../core/catalog.ts'
import { newUuid } from '../../core/ids.ts'
import { type Call, type Context, tell } from '../call.ts'
import { type Answer, once } from '../once.ts'
import { done, type Result } from '../refusals.ts'
import { type NewPrice, newPriceRow } from './create-price.ts'

export type NewProduct = {
  readonly name: string
  readonly active: boolean
  readonly document: Omit<Product['document'], 'defaultPriceId'>
  /** A price that is made with the product and is its default. */
  readonly defaultPrice?: Omit<NewPrice, 'product'>
}

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

export function newProductRow(
  { env }: Context,
  { caller }: Call,
  { name, active, document }: Omit<NewProduct, 'defaultPrice'>,
): Product {
  const now = env.now()
  return {
    tenant: caller.tenant,
    id: newUuid(env),
    version: 1,
    name,
    active,
    deleted: false,
    createdAt: now,
    updatedAt: now,
    document,
  }
}

/** An event's place: the object is its own root, and each of its versions tells one thing. */
export const firstOf = ({ id, version }: Pick<Product, 'id' | 'version'>) => ({
  root: id,
  rootVersion: version,
  ordinal: 1,
})
