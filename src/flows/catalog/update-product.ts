import type { Product } from '../../core/catalog.ts'
import type { Uuid } from '../../core/ids.ts'
import { changeMetadata, type MetadataChange } from '../../core/metadata.ts'
import { replacedFields } from '../../core/replaced-fields.ts'
import { type Call, type Context, tell } from '../call.ts'
import { type Answer, once } from '../once.ts'
import { done, type Result, refuse } from '../refusals.ts'
import { changeDocument } from './differences.ts'
import { firstOf } from './new-rows.ts'

type Document = Product['document']

/** Null unsets a field; a field that is left out stays. */
export type ProductChanges = {
  readonly name?: string
  readonly active?: boolean
  readonly metadata?: MetadataChange
  readonly document: { readonly [K in keyof Omit<Document, 'metadata'>]?: Document[K] | null }
}

export function updateProduct(
  context: Context,
  call: Call,
  id: Uuid,
  changes: ProductChanges,
): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { env, storage } = context
    const { tenant } = call.caller
    const before = await storage.findProduct(tenant, id)
    if (!before || before.deleted) return refuse('resource_missing')
    const { defaultPriceId } = changes.document
    if (defaultPriceId) {
      const price = await storage.findPrice(tenant, defaultPriceId)
      if (price?.productId !== id) return refuse('resource_missing', 'default_price')
    }
    const document = changeDocument(before.document, changes.document)
    const after: Product = {
      ...before,
      name: changes.name ?? before.name,
      active: changes.active ?? before.active,
      document:
        changes.metadata === undefined
          ? document
          : { ...document, metadata: changeMetadata(before.document.metadata, changes.metadata) },
    }
    const previous = replacedFields(before, after, ['name', 'active', 'document'])
    if (!previous) return done({ set: {}, objectId: id, snapshot: { is: 'product', v: 1, product: before } })
    const product: Product = { ...after, version: before.version + 1, updatedAt: env.now() }
    const snapshot = { is: 'product', v: 1, product } as const
    const told = tell(env, tenant, 'product.updated', firstOf(product), snapshot, {
      call,
      previous: { ...previous, updatedAt: before.updatedAt },
    })
    return done({ set: { products: [product], events: [told] }, objectId: id, snapshot, eventId: told.id })
  })
}

/** Only a product that never had a price goes; what was sold keeps its words. */
export function deleteProduct(context: Context, call: Call, id: Uuid): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { env, storage } = context
    const { tenant } = call.caller
    const before = await storage.findProduct(tenant, id)
    if (!before || before.deleted) return refuse('resource_missing')
    if (await storage.productHasPrices(tenant, id)) return refuse('product_has_prices')
    const product: Product = { ...before, version: before.version + 1, active: false, deleted: true }
    const snapshot = { is: 'product', v: 1, product } as const
    const told = tell(env, tenant, 'product.deleted', firstOf(product), snapshot, { call })
    return done({ set: { products: [product], events: [told] }, objectId: id, snapshot, eventId: told.id })
  })
}
