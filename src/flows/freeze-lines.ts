import type { Price, Product } from '../core/catalog.ts'
import { type Currency, parseCurrency } from '../core/currencies.ts'
import { newUuid, type Tenant, type Uuid } from '../core/ids.ts'
import type { LineItem } from '../core/session.ts'
import type { Context } from './call.ts'
import { done, type Result, refuse } from './refusals.ts'
import type { NewLineItem, NewPriceData, NewSessionInput } from './session-input.ts'

export type FrozenLines = { readonly items: readonly LineItem[]; readonly currency: Currency }

type Catalog = { readonly prices: ReadonlyMap<Uuid, Price>; readonly products: ReadonlyMap<Uuid, Product> }

/** The basket as it is now: names and amounts are copied in, so no later change of the catalog reaches the session. */
export async function freezeLines(
  context: Context,
  tenant: Tenant,
  input: NewSessionInput,
): Promise<Result<FrozenLines>> {
  const catalog = await readCatalog(context, tenant, input.lineItems)
  const items: LineItem[] = []
  let currency = input.currency
  for (const [index, line] of input.lineItems.entries()) {
    const at = `line_items[${index}]`
    const frozen = 'priceId' in line ? fromPrice(catalog, line.priceId, at) : fromData(context, catalog, line, at)
    if (!frozen.ok) return frozen
    const { currency: spoken, ...item } = frozen.value
    currency ??= spoken
    if (spoken !== currency) {
      return refuse('invalid_currency', at, `one session has one currency, here ${currency.toLowerCase()}`)
    }
    items.push({
      id: newUuid(context.env),
      quantity: line.quantity,
      ...item,
      ...(line.adjustableQuantity ? { adjustable: line.adjustableQuantity } : {}),
      ...(line.metadata ? { metadata: line.metadata } : {}),
      ...(line.kind ? { kind: line.kind } : {}),
    })
  }
  if (currency === undefined) throw new Error('a session without lines came through the parser')
  return done({ items, currency })
}

/** All prices and products that the lines name, in two reads at most. */
async function readCatalog(context: Context, tenant: Tenant, lines: readonly NewLineItem[]): Promise<Catalog> {
  const { storage } = context
  const prices = await storage.readPrices(
    tenant,
    lines.flatMap((line) => ('priceId' in line ? [line.priceId] : [])),
  )
  const products = await storage.readProducts(tenant, [
    ...prices.map((price) => price.productId),
    ...lines.flatMap((line) =>
      'priceData' in line && 'productId' in line.priceData ? [line.priceData.productId] : [],
    ),
  ])
  return {
    prices: new Map(prices.map((price) => [price.id, price])),
    products: new Map(products.map((product) => [product.id, product])),
  }
}

type Frozen = Pick<LineItem, 'unitAmount' | 'name' | 'description' | 'images' | 'priceId' | 'productId' | 'inline'> & {
  readonly currency: Currency
}

function fromPrice(catalog: Catalog, id: Uuid, at: string): Result<Frozen> {
  const price = catalog.prices.get(id)
  const product = price && catalog.products.get(price.productId)
  if (!price || !product) return refuse('resource_missing', `${at}[price]`)
  if (!price.active) return refuse('price_inactive', `${at}[price]`)
  if (!product.active || product.deleted) return refuse('product_inactive', `${at}[price]`)
  // It would be charged once and never again, which is not what it says.
  if (price.document.recurring) return refuse('price_recurring', `${at}[price]`)
  const currency = parseCurrency(price.currency)
  if (!currency) return refuse('invalid_currency', `${at}[price]`)
  return done({ ...wordsOf(product), unitAmount: price.unitAmount, currency, priceId: price.id, productId: product.id })
}

function fromData(
  context: Context,
  catalog: Catalog,
  line: Extract<NewLineItem, { priceData: NewPriceData }>,
  at: string,
): Result<Frozen> {
  const { priceData } = line
  const price = { unitAmount: priceData.unitAmount, currency: priceData.currency, priceId: newUuid(context.env) }
  const taxBehavior = priceData.taxBehavior === undefined ? {} : { taxBehavior: priceData.taxBehavior }
  if ('productId' in priceData) {
    const product = catalog.products.get(priceData.productId)
    if (!product || product.deleted) return refuse('resource_missing', `${at}[price_data][product]`)
    if (!product.active) return refuse('product_inactive', `${at}[price_data][product]`)
    return done({ ...wordsOf(product), ...price, productId: product.id, inline: taxBehavior })
  }
  const { name, description, images, metadata } = priceData.productData
  return done({
    ...price,
    name,
    ...(description === undefined ? {} : { description }),
    ...(images === undefined ? {} : { images }),
    productId: newUuid(context.env),
    inline: { ...taxBehavior, productIsNew: true, ...(metadata === undefined ? {} : { metadata }) },
  })
}

function wordsOf({ name, document }: Product): Pick<LineItem, 'name' | 'description' | 'images'> {
  return {
    name,
    ...(document.description === undefined ? {} : { description: document.description }),
    ...(document.images === undefined ? {} : { images: document.images }),
  }
}
