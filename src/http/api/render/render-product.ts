import type { Static } from '@fastify/type-provider-typebox'
import type { Product } from '../../../core/catalog.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import type { ProductShape } from '../shapes/catalog.ts'
import { seconds } from './parts.ts'

export function renderProduct(product: Product): Static<typeof ProductShape> {
  const { document, tenant } = product
  return {
    id: nameOf('product', tenant, product.id),
    object: 'product',
    active: product.active,
    created: seconds(product.createdAt),
    default_price: document.defaultPriceId === undefined ? null : nameOf('price', tenant, document.defaultPriceId),
    description: document.description ?? null,
    images: [...(document.images ?? [])],
    livemode: isLive(tenant),
    marketing_features: (document.marketingFeatures ?? []).map(({ name }) => ({ name })),
    metadata: { ...document.metadata },
    name: product.name,
    package_dimensions: document.packageDimensions ? { ...document.packageDimensions } : null,
    shippable: document.shippable ?? null,
    statement_descriptor: document.statementDescriptor ?? null,
    tax_code: document.taxCode ?? null,
    tax_details: null,
    type: 'service',
    unit_label: document.unitLabel ?? null,
    updated: seconds(product.updatedAt),
    url: document.url ?? null,
  }
}
