import type { Static } from '@fastify/type-provider-typebox'
import type { Price, Product } from '../../../core/catalog.ts'
import { nameOf, type Uuid } from '../../../core/ids.ts'
import type { LineItem, Session } from '../../../core/session.ts'
import type { LineItemShape } from '../shapes/catalog.ts'
import { wireAmount } from './parts.ts'
import { renderPrice } from './render-price.ts'

/**
 * One line with its price inside. A price made for this session alone has no row: it is told from the line, inactive.
 * @param prices the catalog's rows for the lines, by id
 */
export function renderLineItem(
  session: Session,
  line: LineItem,
  prices: ReadonlyMap<Uuid, Price>,
): Static<typeof LineItemShape> {
  const total = wireAmount(line.unitAmount * BigInt(line.quantity), session.currency)
  return {
    id: nameOf('lineItem', session.tenant, line.id),
    object: 'item',
    adjustable_quantity: line.adjustable
      ? {
          enabled: line.adjustable.enabled,
          maximum: line.adjustable.maximum ?? null,
          minimum: line.adjustable.minimum ?? null,
        }
      : null,
    amount_discount: 0,
    amount_subtotal: total,
    amount_tax: 0,
    amount_total: total,
    currency: session.currency.toLowerCase(),
    description: line.name,
    metadata: { ...line.metadata },
    price: {
      ...renderPrice(prices.get(line.priceId) ?? inlinePrice(session, line)),
      recurring: null,
      type: 'one_time',
    },
    quantity: line.quantity,
  }
}

function inlinePrice(session: Session, line: LineItem): Price {
  const taxBehavior = line.inline?.taxBehavior
  const known = taxBehavior === 'exclusive' || taxBehavior === 'inclusive'
  return {
    tenant: session.tenant,
    id: line.priceId,
    version: 1,
    productId: line.productId,
    active: false,
    currency: session.currency,
    unitAmount: line.unitAmount,
    lookupKey: null,
    createdAt: session.createdAt,
    document: known ? { taxBehavior } : {},
  }
}

/** The product that `product_data` described for one session: like its price, it stands nowhere else. */
export function inlineProduct(session: Session, line: LineItem): Product {
  const { description, images } = line
  return {
    tenant: session.tenant,
    id: line.productId,
    version: 1,
    name: line.name,
    active: false,
    deleted: false,
    createdAt: session.createdAt,
    updatedAt: session.createdAt,
    document: {
      ...(description === undefined ? {} : { description }),
      ...(images === undefined ? {} : { images }),
      ...(line.inline?.metadata === undefined ? {} : { metadata: line.inline.metadata }),
    },
  }
}
