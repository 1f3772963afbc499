import type { Authorization, Operation } from './authorization.ts'
import type { Dispute } from './dispute.ts'
import type { BankEnv, Sql } from './env.ts'

/** Something that happened and that the merchant is told by the bank itself. */
export type Notice =
  | { readonly merchant: string; readonly type: `authorization.${string}`; readonly authorization: Authorization }
  | {
      readonly merchant: string
      readonly type: 'refund.created' | 'refund.updated'
      readonly refund: Operation
      /** Of the authorization that it gives back. */
      readonly reference: string
    }
  | {
      readonly merchant: string
      readonly type: 'dispute.created' | 'dispute.updated'
      readonly dispute: Dispute
      /** Of the authorization that it is about. */
      readonly reference: string
    }

/** What every booking stands on. */
export type Books = {
  readonly sql: Sql
  readonly env: BankEnv
  readonly idempotencyWindowMs: number
  /** Of the bank, as browsers reach it. */
  readonly origin: string
  /** Called after the commit, never inside it. */
  tell(notices: readonly Notice[]): void
}

/** Answers before this moment are forgotten. */
export function cutoff(books: Pick<Books, 'env' | 'idempotencyWindowMs'>): Date {
  return new Date(books.env.now().getTime() - books.idempotencyWindowMs)
}

export function later(now: Date, ms: number): Date {
  return new Date(now.getTime() + ms)
}
