import { Refusal } from './answer.ts'
import type { Books } from './books.ts'
import type { TransactionSql } from './env.ts'
import { readAuthorization } from './read.ts'
import { type Stepped, settleDue } from './settle.ts'

/** Waits for whoever moves the same authorization, and brings it up to the present. @throws Refusal when there is none */
export async function lockSettled(
  tx: TransactionSql,
  books: Books,
  merchant: string,
  authorizationId: string,
): Promise<Stepped> {
  const before = await readAuthorization(tx, merchant, { id: authorizationId, lock: true })
  if (!before) throw new Refusal('not_found', 'No such authorization.')
  return settleDue(tx, books, merchant, before)
}
