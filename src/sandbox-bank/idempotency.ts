import { createHash } from 'node:crypto'
import { type Answer, errorAnswer, Refusal } from './answer.ts'
import type { Db } from './env.ts'

/** A POST that may be sent again: its key and a fingerprint of what it asks for. */
export type Claim = { readonly key: string; readonly fingerprint: Uint8Array }

/**
 * Fingerprints the parameters of a POST. Of a card only what the books keep may be in them: a digest of a number or a
 * CVC can be undone by trying them all. The CVC is left out altogether, since it may be gone when the request is
 * repeated.
 */
export function fingerprintOf(parameters: readonly (string | number | boolean | undefined)[]): Uint8Array {
  return createHash('sha256').update(JSON.stringify(parameters)).digest()
}

/**
 * The keys whose first request is still being handled. In memory: a process that dies forgets what it did not
 * commit.
 */
export class InFlight {
  readonly #keys = new Set<string>()

  /** @throws Refusal 409 when the same key is being handled */
  enter(merchant: string, key: string): () => void {
    const name = `${merchant} ${key}`
    if (this.#keys.has(name))
      throw new Refusal('idempotency_in_flight', 'The first request with this Idempotency-Key is still being handled.')
    this.#keys.add(name)
    return () => void this.#keys.delete(name)
  }
}

/**
 * The stored answer to the same request, a 422 when the key was used for another, undefined when it is new or
 * forgotten.
 */
export async function findAnswer(db: Db, merchant: string, claim: Claim, cutoff: Date): Promise<Answer | undefined> {
  const [row] = await db<{ fingerprint: Uint8Array; status: number; body: string }[]>`
    select fingerprint, status, body
    from idempotency_keys
    where merchant = ${merchant} and key = ${claim.key} and created_at > ${cutoff}`
  if (!row) return undefined
  if (!Buffer.from(row.fingerprint).equals(claim.fingerprint))
    return errorAnswer(
      'idempotency_mismatch',
      'This Idempotency-Key was used with other parameters.',
      'Idempotency-Key',
    )
  return { status: row.status, body: row.body, replayed: true }
}

/**
 * Runs in the transaction that books what is answered. A key older than the window is taken over, a younger one is
 * not.
 */
export async function rememberAnswer(
  db: Db,
  merchant: string,
  claim: Claim | undefined,
  answer: Answer,
  now: Date,
  cutoff: Date,
): Promise<void> {
  if (!claim) return
  const { count } = await db`
    insert into idempotency_keys (merchant, key, fingerprint, status, body, created_at)
    values (${merchant}, ${claim.key}, ${Buffer.from(claim.fingerprint)}, ${answer.status}, ${answer.body}, ${now})
    on conflict (merchant, key) do update
    set fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body,
        created_at = excluded.created_at
    where idempotency_keys.created_at <= ${cutoff}`
  // Another process of the bank was first; rolling back leaves its answer to be found.
  if (count !== 1) throw new KeyTaken()
}

export class KeyTaken extends Error {
  override readonly name = 'KeyTaken'
}

export async function forgetAnswers(db: Db, cutoff: Date): Promise<void> {
  await db`delete from idempotency_keys where created_at <= ${cutoff}`
}

/** For the fault plan: a bank that does not remember what it promised to. */
export async function forgetAnswer(db: Db, merchant: string, key: string): Promise<void> {
  await db`delete from idempotency_keys where merchant = ${merchant} and key = ${key}`
}
