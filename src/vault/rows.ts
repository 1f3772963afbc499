import type { Sql } from 'postgres'
import type { CardRef } from '../core/charge.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { SealedCard } from './card-secret.ts'

export type CardRow = SealedCard & {
  readonly tenant: Tenant
  readonly id: Uuid
  /** The session or payment method that it may be used for. */
  readonly owner: Uuid
  readonly fingerprint: Uint8Array
  readonly brand: string
  readonly last4: string
  readonly expMonth: number
  readonly expYear: number
  readonly createdAt: Date
}

export async function insertCard(sql: Sql, card: CardRow): Promise<void> {
  await sql`
    insert into vault.cards (
      tenant, id, owner, key_version, wrapped_key, ciphertext, fingerprint,
      brand, last4, exp_month, exp_year, created_at
    )
    values (
      ${card.tenant}, ${card.id}, ${card.owner}, ${card.keyVersion}, ${card.wrappedKey}, ${card.ciphertext},
      ${card.fingerprint}, ${card.brand}, ${card.last4}, ${card.expMonth}, ${card.expYear}, ${card.createdAt}
    )`
}

/** Nothing where the token was made for another owner. */
export async function findCard(sql: Sql, { tenant, token, owner }: CardRef): Promise<CardRow | undefined> {
  const [row] = await sql<CardRow[]>`
    select tenant, id, owner, key_version as "keyVersion", wrapped_key as "wrappedKey", ciphertext,
      fingerprint, brand, last4, exp_month as "expMonth", exp_year as "expYear", created_at as "createdAt"
    from vault.cards
    where tenant = ${tenant} and id = ${token} and owner = ${owner}`
  return row
}

/** @returns false when there is no such card of this owner, or its customer keeps it */
export async function deleteCard(sql: Sql, { tenant, token, owner }: CardRef): Promise<boolean> {
  const result = await sql`
    delete from vault.cards where tenant = ${tenant} and id = ${token} and owner = ${owner} and not kept`
  return result.count > 0
}

/** @returns false when there is no such card of this owner any more */
export async function markKept(sql: Sql, { tenant, token, owner }: CardRef, kept: boolean): Promise<boolean> {
  const result = await sql`
    update vault.cards set kept = ${kept} where tenant = ${tenant} and id = ${token} and owner = ${owner}`
  return result.count > 0
}

/** The oldest first, some in each round. */
export async function deleteCardsBefore(sql: Sql, moment: Date, limit: number): Promise<number> {
  const result = await sql`
    delete from vault.cards
    where (tenant, id) in (
      select tenant, id from vault.cards where created_at < ${moment} and not kept order by created_at limit ${limit}
    )`
  return result.count
}
