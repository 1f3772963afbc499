import type { PendingQuery, Row } from 'postgres'
import { firstUuidAt, type Tenant, type Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'
import { decodeRow, type JsonRow, type Shape } from './shape.ts'

/** One page of a list, newest first. Ids carry their time, so a time range is a range of the primary key. */
export type PageOf = {
  readonly limit: number
  readonly startingAfter?: Uuid
  readonly endingBefore?: Uuid
  /** Inclusive bounds in whole seconds were turned into moments by the caller: from ≤ made < before. */
  readonly createdFrom?: Date
  readonly createdBefore?: Date
}
export type Page<T> = { readonly items: readonly T[]; readonly hasMore: boolean }
export type Condition = PendingQuery<Row[]>

/**
 * Reads one page by keyset: the cost of a page does not grow with its distance from the first.
 * @param conditions fragments, each beginning with `and`
 */
export async function readPage<T extends object>(
  sql: Sql,
  shape: Shape<T>,
  tenant: Tenant,
  page: PageOf,
  conditions: readonly Condition[],
): Promise<Page<T>> {
  const backwards = page.endingBefore !== undefined
  const bounds: Condition[] = [sql``] // the driver takes a list of fragments only when it is not empty
  if (page.startingAfter) bounds.push(sql`and id < ${page.startingAfter}`)
  if (page.endingBefore) bounds.push(sql`and id > ${page.endingBefore}`)
  if (page.createdFrom) bounds.push(sql`and id >= ${firstUuidAt(page.createdFrom)}`)
  if (page.createdBefore) bounds.push(sql`and id < ${firstUuidAt(page.createdBefore)}`)
  const rows = await sql<JsonRow[]>`
    select * from ${sql(shape.table)}
    where tenant = ${tenant} ${[...bounds, ...conditions]}
    order by id ${backwards ? sql`asc` : sql`desc`}
    limit ${page.limit + 1}`
  const items = rows.slice(0, page.limit).map((row) => decodeRow(shape, row))
  return { items: backwards ? items.reverse() : items, hasMore: rows.length > page.limit }
}

/** One row by its key. */
export async function readOne<T extends object>(
  sql: Sql,
  shape: Shape<T>,
  tenant: Tenant,
  id: Uuid,
): Promise<T | undefined> {
  const [row] = await sql<JsonRow[]>`select * from ${sql(shape.table)} where tenant = ${tenant} and id = ${id}`
  return row && decodeRow(shape, row)
}

/** Several rows by their keys, in no order. */
export async function readMany<T extends object>(
  sql: Sql,
  shape: Shape<T>,
  tenant: Tenant,
  ids: readonly Uuid[],
): Promise<readonly T[]> {
  if (ids.length === 0) return []
  const rows = await sql<
    JsonRow[]
  >`select * from ${sql(shape.table)} where tenant = ${tenant} and id = any(${ids}::uuid[])`
  return rows.map((row) => decodeRow(shape, row))
}
