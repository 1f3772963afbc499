import type { Price, Product } from '../../core/catalog.ts'
import type { Currency } from '../../core/currencies.ts'
import { newUuid, type Uuid } from '../../core/ids.ts'
import type { Call, Context } from '../call.ts'

export type NewProduct = {
  readonly name: string
  readonly active: boolean
  readonly document: Omit<Product['document'], 'defaultPriceId'>
  /** A price that is made with the product and is its default. */
  readonly defaultPrice?: Omit<NewPrice, 'product'>
}

export type NewPrice = {
  readonly product: { readonly id: Uuid } | { readonly data: Omit<NewProduct, 'defaultPrice'> }
  readonly currency: Currency
  /** ISO minor units. */
  readonly unitAmount: bigint
  readonly active: boolean
  readonly lookupKey?: string
  /** Takes the lookup key away from the price that has it now. */
  readonly transferLookupKey?: boolean
  readonly document: Price['document']
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

export function newPriceRow(
  { env }: Context,
  { caller }: Call,
  { currency, unitAmount, active, lookupKey, document }: Omit<NewPrice, 'product'>,
  productId: Uuid,
): Price {
  return {
    tenant: caller.tenant,
    id: newUuid(env),
    version: 1,
    productId,
    active,
    currency,
    unitAmount,
    lookupKey: lookupKey ?? null,
    createdAt: env.now(),
    document,
  }
}

/** An event's place: the object is its own root, and each of its versions tells one thing. */
export const firstOf = ({ id, version }: Pick<Product, 'id' | 'version'>) => ({
  root: id,
  rootVersion: version,
  ordinal: 1,
})
