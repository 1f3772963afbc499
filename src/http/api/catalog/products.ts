import type { Static } from '@fastify/type-provider-typebox'
import type { Caller } from '../../../core/account.ts'
import { createProduct } from '../../../flows/catalog/create-product.ts'
import type { NewProduct } from '../../../flows/catalog/new-rows.ts'
import { deleteProduct, type ProductChanges, updateProduct } from '../../../flows/catalog/update-product.ts'
import { accepted, answerChange } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, ownId, ownIdIfNamed } from '../api.ts'
import { expandAll } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { renderDeleted } from '../render/render-customer.ts'
import { renderProduct } from '../render/render-product.ts'
import { given, newMetadata, requireCurrency, requireMinor } from '../sessions/parse-session.ts'
import { ProductShape } from '../shapes/catalog.ts'
import { deleted, listOf } from '../shapes/words.ts'
import {
  CreateProduct,
  type CreateProductBody,
  Empty,
  ListProducts,
  UpdateProduct,
  type UpdateProductBody,
} from './parameters.ts'
import { parseRecurrence } from './prices.ts'
import { registerSearch } from './search.ts'

export function registerProducts(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const response = { 200: ProductShape }
  const one = '/products/:id'

  api.post('/products', { schema: { body: CreateProduct, response } }, async (request, reply) => {
    const result = await createProduct(deps, callOf(request, 'product'), parseNew(request.body))
    return answerChange<Static<typeof ProductShape>>(deps, request, reply, 'product', result)
  })

  api.post(one, { schema: { params: Named, body: UpdateProduct, response } }, async (request, reply) => {
    const caller = callerOf(request)
    const id = ownId(caller, 'product', request.params.id)
    const changes = parseChanges(caller, request.body)
    const result = await updateProduct(deps, callOf(request, 'product'), id, changes)
    return answerChange<Static<typeof ProductShape>>(deps, request, reply, 'product', result)
  })

  const gone = { schema: { params: Named, querystring: Empty, response: { 200: deleted('product') } } }
  api.delete(one, gone, async (request) => {
    const id = ownId(callerOf(request), 'product', request.params.id)
    accepted(await deleteProduct(deps, callOf(request, 'product'), id), request, 'product')
    return renderDeleted('product', request.params.id)
  })

  registerSearch(api, deps, 'product', ProductShape, renderProduct)

  api.get(one, { schema: { params: Named, querystring: Retrieve, response } }, async (request) => {
    const { tenant } = callerOf(request)
    const record = await storage.findProduct(tenant, ownId(callerOf(request), 'product', request.params.id))
    const product = renderProduct(found(record?.deleted ? undefined : record, 'product', request.params.id))
    await expandAll(deps, tenant, 'product', [product], request.query.expand)
    return product
  })

  const list = { schema: { querystring: ListProducts, response: { 200: listOf(ProductShape) } } }
  api.get('/products', list, async (request) => {
    const caller = callerOf(request)
    const { query } = request
    const page = await pageOf(request, query, 'product', (id) => storage.findProduct(caller.tenant, id))
    const filter = given({
      active: query.active,
      ids: query.ids?.map((name, index) => ownId(caller, 'product', name, `ids[${index}]`)),
      url: query.url,
      shippable: query.shippable,
    })
    // Stripe's goods are a thing of the past; all of ours are services.
    const items = query.type === 'good' ? NONE : await storage.listProducts(caller.tenant, page, filter)
    return answerPage(deps, request, 'product', items, (products) => products.map(renderProduct))
  })
}

const NONE = { items: [], hasMore: false }

function parseNew(body: CreateProductBody): NewProduct {
  const { default_price_data: price, name } = body
  const at = 'default_price_data'
  const currency = price && requireCurrency(price.currency, `${at}[currency]`)
  return given({
    name,
    active: body.active ?? true,
    document: given({
      description: body.description ?? undefined,
      images: body.images,
      marketingFeatures: body.marketing_features,
      metadata: newMetadata(body.metadata),
      packageDimensions: body.package_dimensions,
      shippable: body.shippable,
      statementDescriptor: body.statement_descriptor,
      taxCode: body.tax_code,
      unitLabel: body.unit_label,
      url: body.url,
    }),
    defaultPrice:
      price && currency
        ? {
            currency,
            unitAmount: requireMinor(price.unit_amount, currency, `${at}[unit_amount]`),
            active: true,
            document: given({
              taxBehavior: price.tax_behavior,
              metadata: newMetadata(price.metadata),
              recurring: price.recurring && parseRecurrence(price.recurring, `${at}[recurring]`),
            }),
          }
        : undefined,
  })
}

function parseChanges(caller: Caller, body: UpdateProductBody): ProductChanges {
  const price = body.default_price
  return given({
    name: body.name,
    active: body.active,
    metadata: body.metadata,
    document: given({
      defaultPriceId: ownIdIfNamed(caller, 'price', price, 'default_price'),
      description: body.description,
      images: body.images,
      marketingFeatures: body.marketing_features,
      packageDimensions: body.package_dimensions,
      shippable: body.shippable,
      statementDescriptor: body.statement_descriptor,
      taxCode: body.tax_code,
      unitLabel: body.unit_label,
      url: body.url,
    }),
  })
}
