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
export function newId(
  prefix: 'auth' | 'cap' | 'void' | 'rfnd' | 'dsp' | 'acs' | 'evt' | 'rule' | 'req',
  env: BankEnv,
): string {
  const time = env.now().getTime().toString(16).padStart(12, '0')
  return `${prefix}_${time}${Buffer.from(env.randomBytes(10)).toString('hex')}`
}

/** Capital letters and digits, as networks print them. 32 of them, so every random byte weighs the same. */
export function codeOf(env: BankEnv, length: number): string {
  return Array.from(env.randomBytes(length), (byte) => 'ABCDEFGHJKLMNPQRSTUVWXYZ23456789'[byte & 31]).join('')
}

/** A random UUID (RFC 9562, version 4): what 3-D Secure names its transactions by. */
export function uuidOf(env: BankEnv): string {
  const bytes = Buffer.from(env.randomBytes(16))
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
}

/** The part of an HTTP client that the bank needs to tell merchants what happened. */
export type BankHttp = (request: {
  readonly method: 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  readonly timeoutMs: number
  readonly maxResponseBytes: number
}) => Promise<{ readonly status: number }>
