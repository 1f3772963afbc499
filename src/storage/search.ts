import type { Customer, Price, Product } from '../core/catalog.ts'
import { firstUuidAt, parseName, type Tenant } from '../core/ids.ts'
import type { SearchClause, SearchQuery } from '../core/search-query.ts'
import type { Sql } from './connect.ts'
import { type Condition, type Page, type PageOf, readPage } from './page-of.ts'
import type { Shape } from './shape.ts'
import { CUSTOMERS, PRICES, PRODUCTS } from './shapes.ts'

/** Where a field of the search language rests. The list is closed: nothing of a query becomes SQL but its values. */
type Places = Readonly<Record<string, (sql: Sql) => Condition>>

const PRODUCT_PLACES: Places = {
  active: (sql) => sql`active::text`,
  description: (sql) => sql`document->>'description'`,
  name: (sql) => sql`name`,
  shippable: (sql) => sql`document->>'shippable'`,
  url: (sql) => sql`document->>'url'`,
}
const PRICE_PLACES: Places = {
  active: (sql) => sql`active::text`,
  currency: (sql) => sql`lower(currency)`,
  lookup_key: (sql) => sql`lookup_key`,
  product: (sql) => sql`product_id::text`,
  type: (sql) => sql`case when document ? 'recurring' then 'recurring' else 'one_time' end`,
}
const CUSTOMER_PLACES: Places = {
  email: (sql) => sql`email`,
  name: (sql) => sql`name`,
  phone: (sql) => sql`document->>'phone'`,
}

export const searchProducts = (sql: Sql, tenant: Tenant, page: PageOf, query: SearchQuery): Promise<Page<Product>> =>
  search(sql, PRODUCTS, tenant, page, query, PRODUCT_PLACES, sql`and not deleted`)
export const searchPrices = (sql: Sql, tenant: Tenant, page: PageOf, query: SearchQuery): Promise<Page<Price>> =>
  search(sql, PRICES, tenant, page, query, PRICE_PLACES, sql``)
export const searchCustomers = (sql: Sql, tenant: Tenant, page: PageOf, query: SearchQuery): Promise<Page<Customer>> =>
  search(sql, CUSTOMERS, tenant, page, query, CUSTOMER_PLACES, sql`and not deleted`)

function search<T extends object>(
  sql: Sql,
  shape: Shape<T>,
  tenant: Tenant,
  page: PageOf,
  { join, clauses }: SearchQuery,
  places: Places,
  always: Condition,
): Promise<Page<T>> {
  const parts = clauses.map((clause, index) => {
    const between = index === 0 ? sql`` : join === 'and' ? sql`and` : sql`or`
    return sql`${between} (${conditionOf(sql, clause, places)}) is ${clause.negated ? sql`not true` : sql`true`}`
  })
  return readPage(sql, shape, tenant, page, [always, sql`and (${parts})`])
}

function conditionOf(sql: Sql, clause: SearchClause, places: Places): Condition {
  const { field, key, operator, value } = clause
  if (field === 'created') return createdCondition(sql, clause)
  const place = key === undefined ? places[field]?.(sql) : sql`document->'metadata'->>${key}`
  if (!place) throw new Error(`no place is known for ${field}`)
  if (value === null) return sql`${place} is null`
  if (operator === '~') return sql`strpos(lower(${place}), lower(${String(value)})) > 0`
  if (field === 'product') return sql`${place} = ${parseName('product', String(value))?.id ?? ''}`
  // Stripe's search does not tell capitals apart.
  return sql`lower(${place}) = lower(${String(value)})`
}

/** Ids carry their time: a second is a range of keys. */
function createdCondition(sql: Sql, { operator, value }: SearchClause): Condition {
  const second = Math.max(0, Math.min(Number(value), 253_402_300_799))
  const start = firstUuidAt(new Date(second * 1000))
  const end = firstUuidAt(new Date((second + 1) * 1000))
  switch (operator) {
    case '<':
      return sql`id < ${start}`
    case '<=':
      return sql`id < ${end}`
    case '>':
      return sql`id >= ${end}`
    case '>=':
      return sql`id >= ${start}`
    default:
      return sql`id >= ${start} and id < ${end}`
  }
}
