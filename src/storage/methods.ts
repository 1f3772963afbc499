import type { Tenant, Uuid } from '../core/ids.ts'
import type { PaymentMethod } from '../core/payment-method.ts'
import type { Sql } from './connect.ts'
import { type Page, type PageOf, readMany, readOne, readPage } from './page-of.ts'
import { METHODS } from './shapes.ts'

export const findMethod = (sql: Sql, tenant: Tenant, id: Uuid): Promise<PaymentMethod | undefined> =>
  readOne(sql, METHODS, tenant, id)

export const readMethods = (sql: Sql, tenant: Tenant, ids: readonly Uuid[]): Promise<readonly PaymentMethod[]> =>
  readMany(sql, METHODS, tenant, ids)

/** The methods that a customer keeps. */
export const listMethods = (sql: Sql, tenant: Tenant, page: PageOf, customerId: Uuid): Promise<Page<PaymentMethod>> =>
  readPage(sql, METHODS, tenant, page, [sql`and customer_id = ${customerId}`])
