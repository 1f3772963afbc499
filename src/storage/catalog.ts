import type { Customer, Price, Product, Recurrence } from '../core/catalog.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'
import { type Condition, type Page, type PageOf, readMany, readOne, readPage } from './page-of.ts'
import { CUSTOMERS, PRICES, PRODUCTS } from './shapes.ts'

export const findProduct = (sql: Sql, tenant: Tenant, id: Uuid): Promise<Product | undefined> =>
  readOne(sql, PRODUCTS, tenant, id)
export const findPrice = (sql: Sql, tenant: Tenant, id: Uuid): Promise<Price | undefined> =>
  readOne(sql, PRICES, tenant, id)
export const findCustomer = (sql: Sql, tenant: Tenant, id: Uuid): Promise<Customer | undefined> =>
  readOne(sql, CUSTOMERS, tenant, id)
export const readProducts = (sql: Sql, tenant: Tenant, ids: readonly Uuid[]): Promise<readonly Product[]> =>
  readMany(sql, PRODUCTS, tenant, ids)
export const readPrices = (sql: Sql, tenant: Tenant, ids: readonly Uuid[]): Promise<readonly Price[]> =>
  readMany(sql, PRICES, tenant, ids)
export const readCustomers = (sql: Sql, tenant: Tenant, ids: readonly Uuid[]): Promise<readonly Customer[]> =>
  readMany(sql, CUSTOMERS, tenant, ids)

export function listProducts(
  sql: Sql,
  tenant: Tenant,
  page: PageOf,
  filter: {
    readonly active?: boolean
    readonly ids?: readonly Uuid[]
    readonly shippable?: boolean
    readonly url?: string
  },
): Promise<Page<Product>> {
  const conditions: Condition[] = [sql`and not deleted`]
  if (filter.active !== undefined) conditions.push(sql`and active = ${filter.active}`)
  if (filter.ids) conditions.push(sql`and id = any(${filter.ids as Uuid[]}::uuid[])`)
  if (filter.shippable !== undefined) conditions.push(sql`and (document->>'shippable')::boolean = ${filter.shippable}`)
  if (filter.url) conditions.push(sql`and document->>'url' = ${filter.url}`)
  return readPage(sql, PRODUCTS, tenant, page, conditions)
}

export function listPrices(
  sql: Sql,
  tenant: Tenant,
  page: PageOf,
  filter: {
    readonly active?: boolean
    readonly productId?: Uuid
    readonly currency?: string
    readonly lookupKeys?: readonly string[]
    readonly type?: 'one_time' | 'recurring'
    readonly interval?: Recurrence['interval']
  },
): Promise<Page<Price>> {
  const conditions: Condition[] = []
  if (filter.active !== undefined) conditions.push(sql`and active = ${filter.active}`)
  if (filter.productId) conditions.push(sql`and product_id = ${filter.productId}`)
  if (filter.currency) conditions.push(sql`and currency = ${filter.currency}`)
  if (filter.lookupKeys) conditions.push(sql`and lookup_key = any(${filter.lookupKeys as string[]}::text[])`)
  if (filter.type) conditions.push(sql`and (document ? 'recurring') = ${filter.type === 'recurring'}`)
  if (filter.interval) conditions.push(sql`and document->'recurring'->>'interval' = ${filter.interval}`)
  return readPage(sql, PRICES, tenant, page, conditions)
}

export function listCustomers(
  sql: Sql,
  tenant: Tenant,
  page: PageOf,
  filter: { readonly email?: string },
): Promise<Page<Customer>> {
  const conditions: Condition[] = [sql`and not deleted`]
  if (filter.email) conditions.push(sql`and email = ${filter.email}`)
  return readPage(sql, CUSTOMERS, tenant, page, conditions)
}

/** Whether any price was made for a product: such a product can be archived but not deleted. */
export async function productHasPrices(sql: Sql, tenant: Tenant, id: Uuid): Promise<boolean> {
  const rows = await sql`select from prices where tenant = ${tenant} and product_id = ${id} limit 1`
  return rows.length > 0
}
