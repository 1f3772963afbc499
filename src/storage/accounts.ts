import type { Account, ApiKey } from '../core/account.ts'
import { accountTenant, liveTenant, type Tenant, testTenant } from '../core/ids.ts'
import { type Committed, commitSet } from './commit.ts'
import type { Sql } from './connect.ts'
import { decodeRow, type JsonRow } from './shape.ts'
import { ACCOUNTS, API_KEYS } from './shapes.ts'

/** A new account with its two worlds and their first keys. */
export async function insertAccount(sql: Sql, account: Account, apiKeys: readonly ApiKey[]): Promise<Committed> {
  const number = account.tenant / 2
  await sql`insert into tenants (tenant) values (${liveTenant(number)}), (${testTenant(number)}) on conflict do nothing`
  return commitSet(sql, { accounts: [account], apiKeys })
}

export async function findAccount(sql: Sql, tenant: Tenant): Promise<Account | undefined> {
  const [row] = await sql<JsonRow[]>`select * from accounts where tenant = ${accountTenant(tenant)}`
  return row && decodeRow(ACCOUNTS, row)
}

/** Oldest first. An operator's list: a few thousand at most in one answer. */
export async function listAccounts(sql: Sql, limit: number): Promise<readonly Account[]> {
  const rows = await sql<JsonRow[]>`select * from accounts order by created_at, tenant limit ${limit}`
  return rows.map((row) => decodeRow(ACCOUNTS, row))
}

export async function findKey(sql: Sql, tenant: Tenant, hash: Uint8Array): Promise<ApiKey | undefined> {
  const [row] = await sql<JsonRow[]>`select * from api_keys where tenant = ${tenant} and hash = ${hash}`
  return row && decodeRow(API_KEYS, row)
}

/** Both worlds' keys of one account, oldest first. Where there are too many, those that were revoked first are left out. */
export async function listKeys(sql: Sql, tenant: Tenant): Promise<readonly ApiKey[]> {
  const live = accountTenant(tenant)
  const rows = await sql<JsonRow[]>`
    select * from (
      select * from api_keys
      where tenant in (${live}, ${live + 1})
      order by revoked_at desc nulls first, created_at, id
      limit 1000
    ) as shown
    order by created_at, id`
  return rows.map((row) => decodeRow(API_KEYS, row))
}

/** Every tenant that exists: what background work walks over. */
export async function listTenants(sql: Sql): Promise<readonly Tenant[]> {
  const rows = await sql<{ tenant: Tenant }[]>`select tenant from tenants order by tenant`
  return rows.map((row) => row.tenant)
}
