import { randomUUID } from 'node:crypto'
import { makeEnv } from '../../src/env.ts'
import { SANDBOX_BANK_MIGRATIONS, type SandboxBankOptions, startSandboxBank } from '../../src/sandbox-bank/bank.ts'
import { migrate } from '../../src/storage/migrate.ts'
import { type TestDatabase, testDatabase } from './database.ts'

export type BankAnswer = { readonly status: number; readonly headers: Headers; readonly body: Record<string, unknown> }
export type TestBank = {
  readonly url: string
  readonly db: TestDatabase
  /** Everything that the bank logged, serialized. */
  readonly logged: string[]
  /** Sends JSON under the key of `merchant`, which is this test bank's own unless given. */
  send(
    method: 'GET' | 'POST',
    path: string,
    body?: unknown,
    extra?: { key?: string; merchant?: string },
  ): Promise<BankAnswer>
  /** The same at the bank's back office; only a bank that was given `ADMIN_TOKEN` has one. */
  admin(method: 'GET' | 'POST' | 'DELETE', path: string, body?: unknown): Promise<BankAnswer>
  /** Authorizes a card and insists on 201. */
  authorize(fields?: Record<string, unknown>): Promise<Record<string, unknown> & { readonly id: string }>
  stop(): Promise<void>
}

export type BankChoices = Partial<
  Pick<SandboxBankOptions, 'env' | 'faults' | 'idempotencyWindowMs' | 'adminToken' | 'http' | 'standing'>
>
export const ADMIN_TOKEN = 'the bank manager'

/** The sandbox bank over real HTTP and a database of the caller's own, with its books migrated. */
export async function startTestBank(file: string, choices: BankChoices = {}): Promise<TestBank> {
  const db = await testDatabase(file, { migrated: false })
  await migrate(db.sql, { folder: SANDBOX_BANK_MIGRATIONS, journal: 'sandbox_bank_migrations' })
  const logged: string[] = []
  const write = (fields: object, message: string) => {
    const error =
      'err' in fields && fields.err instanceof Error ? { ...fields.err, stack: fields.err.stack } : undefined
    logged.push(JSON.stringify({ message, ...fields, ...(error ? { err: error } : {}) }))
  }
  const log = { info: write, error: write }
  const bank = await startSandboxBank({ sql: db.sql, env: makeEnv(), host: '127.0.0.1', port: 0, log, ...choices })

  const exchange = async (method: string, path: string, body: unknown, headers: Record<string, string>) => {
    const answer = await fetch(bank.url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Record<string, unknown> }
  }
  const send: TestBank['send'] = (method, path, body, { key, merchant = 'shop' } = {}) =>
    exchange(method, path, body, {
      authorization: `Bearer bank_${merchant}`,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    })
  return {
    url: bank.url,
    db,
    logged,
    send,
    admin: (method, path, body) => exchange(method, path, body, { authorization: `Bearer ${ADMIN_TOKEN}` }),
    async authorize(fields = {}) {
      const { status, body } = await send('POST', '/v1/authorizations', authorizationBody(fields))
      if (status !== 201) throw new Error(`the bank answered ${status}: ${JSON.stringify(body)}`)
      return body as Record<string, unknown> & { id: string }
    },
    async stop() {
      await bank.stop()
      await db.drop()
    },
  }
}

/** A complete order to authorize; `card` is merged, everything else replaced. */
export function authorizationBody(fields: Record<string, unknown> = {}): Record<string, unknown> {
  const card = { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123', ...(fields.card as object) }
  return { reference: randomUUID(), amount: 1000, currency: 'EUR', capture: false, ...fields, card }
}
