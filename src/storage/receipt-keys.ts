import type { Tenant } from '../core/ids.ts'
import type { ReceiptKey } from '../core/receipt.ts'
import type { Sql } from './connect.ts'
import { decodeRow, type JsonRow } from './shape.ts'
import { RECEIPT_KEYS } from './shapes.ts'

/** The key that signs, then those that did, newest first. */
export async function listReceiptKeys(sql: Sql, tenant: Tenant, limit: number): Promise<readonly ReceiptKey[]> {
  const rows = await sql<JsonRow[]>`
    select * from receipt_keys where tenant = ${tenant} order by retired_at desc nulls first, id desc limit ${limit}`
  return rows.map((row) => decodeRow(RECEIPT_KEYS, row))
}
