import type postgres from 'postgres'

/** The part of the outside world that the bank needs. */
export type BankEnv = {
  now(): Date
  randomBytes(length: number): Uint8Array
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** One line per request and per failure. pino's logger fits. */
export type BankLog = {
  info(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** `int8` arrives as bigint or, on another handle, as text: the bank reads amounts as text and never minds. */
export type Sql = postgres.Sql<{ bigint: bigint }>
export type TransactionSql = postgres.TransactionSql<{ bigint: bigint }>
export type Db = Sql | TransactionSql

/** Prefix, 48 bits of time and 80 random bits: ids of one merchant sort by the millisecond they were made in. */
export function newId(prefix: 'auth' | 'cap' | 'void' | 'rfnd' | 'req', env: BankEnv): string {
  const time = env.now().getTime().toString(16).padStart(12, '0')
  return `${prefix}_${time}${Buffer.from(env.randomBytes(10)).toString('hex')}`
}
