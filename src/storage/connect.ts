import postgres from 'postgres'
import { StartError } from './start-error.ts'

/** The driver's types for our settings: `int8` arrives as `bigint`. */
export type Sql = postgres.Sql<{ bigint: bigint }>
export type TransactionSql = postgres.TransactionSql<{ bigint: bigint }>

export type ConnectOptions = {
  /** Connections in the pool. */
  readonly max?: number
  readonly applicationName?: string
  readonly statementTimeoutMs?: number
  readonly lockTimeoutMs?: number
  readonly idleInTransactionTimeoutMs?: number
  readonly connectTimeoutSeconds?: number
  /** Receives what the server remarks (`raise notice`); nothing is printed otherwise. */
  readonly onNotice?: (message: string) => void
}

/**
 * Opens a pool. Values arrive as: `int4` number, `int8` bigint, `json`/`jsonb` parsed, `timestamptz` Date, `bytea`
 * Buffer, `numeric` text. Every statement has a limit (statement 5 s, lock 2 s, idle in a transaction 10 s), so a stuck
 * database costs a request, not the pool.
 * @param address a `postgres://` URL; `?host=/folder` names a Unix socket's folder, as libpq reads it
 */
export function connect(address: string, options: ConnectOptions = {}): Sql {
  const { url, socketFolder } = splitAddress(address)
  const sql = postgres(url, {
    ...(socketFolder === undefined ? {} : { host: socketFolder }),
    max: options.max ?? 10,
    connect_timeout: options.connectTimeoutSeconds ?? 10,
    types: { bigint: postgres.BigInt },
    onnotice: (notice) => options.onNotice?.(notice.message ?? ''),
    connection: {
      application_name: options.applicationName ?? 'opentill',
      statement_timeout: options.statementTimeoutMs ?? 5_000,
      lock_timeout: options.lockTimeoutMs ?? 2_000,
      // The server's own value: it stands here for its length.
      extra_float_digits: `1${WRITTEN_AT_ONCE}`,
      idle_in_transaction_session_timeout: options.idleInTransactionTimeoutMs ?? 10_000,
    },
  })
  return Object.assign(sql, { begin: endingWithItsConnection(sql.begin) })
}

/**
 * What the driver (3.4) writes in less than 1,024 bytes waits for a timer, and a connection that closes in between keeps
 * that timer as if it were still to come: whoever uses its place in the pool writes nothing from then on, and times out
 * for ever. A greeting of this length is written at once, which clears the timer. The server reads over the spaces.
 */
const WRITTEN_AT_ONCE = ' '.repeat(1024)

type Begin = Sql['begin']
type Work = (tx: TransactionSql) => unknown

/** How a query ends whose connection is gone; after a `FATAL` error the server closes it. */
const GONE: ReadonlySet<unknown> = new Set(['CONNECTION_CLOSED', 'ECONNRESET', 'EPIPE'])

/**
 * A transaction is over with its connection. The driver (3.4) would still write `rollback` to it, in a timer whose throw
 * nobody can catch: the whole process ended. Work that lost its connection never settles here; the driver itself rejects
 * the transaction when the connection has closed.
 */
function endingWithItsConnection(begin: Begin): Begin {
  const guarded =
    (work: Work): Work =>
    async (tx) => {
      try {
        return await work(tx)
      } catch (error) {
        const { code, severity } = error as { code?: unknown; severity?: unknown }
        if (!GONE.has(code) && severity !== 'FATAL') throw error
        return new Promise(() => {})
      }
    }
  const begun = (first: string | Work, second?: Work): Promise<unknown> =>
    typeof first === 'string' ? begin(first, guarded(second ?? (() => undefined))) : begin(guarded(first))
  return begun as Begin
}

/** The driver would hand an unknown query parameter on to the server, so the socket's folder is taken out here. */
function splitAddress(address: string): { url: string; socketFolder: string | undefined } {
  const url = new URL(address)
  const socketFolder = url.searchParams.get('host') ?? undefined
  url.searchParams.delete('host')
  return { url: url.href, socketFolder }
}

const MIN_VERSION_NUMBER = 150_000
const DURABLE = ['fsync', 'full_page_writes', 'synchronous_commit'] as const

/**
 * Refuses a server that may forget a commit it has confirmed, that cannot write, or that is too old. The settings are
 * those of this very session, so what was set for the role or the database counts.
 * @throws StartError with one sentence that names every fault
 */
export async function assertDurable(sql: Sql): Promise<void> {
  const rows = await sql<{ name: string; setting: string }[]>`
    select name, setting
    from pg_settings
    where name in ${sql([...DURABLE, 'server_version_num', 'server_version'])}
  `
  const [server] = await sql<{ recovering: boolean }[]>`select pg_is_in_recovery() as recovering`
  const settings = new Map(rows.map((row) => [row.name, row.setting]))
  const faults = DURABLE.filter((name) => settings.get(name) === 'off').map((name) => `${name} is off`)
  if (server?.recovering) faults.push('the server is in recovery and takes no writes')
  if (Number(settings.get('server_version_num')) < MIN_VERSION_NUMBER) {
    faults.push(`its version ${settings.get('server_version')} is older than 15`)
  }
  if (faults.length === 0) return
  throw new StartError(
    `Opentill does not keep money's records on this PostgreSQL server: ${faults.join(', and ')}; ` +
      'set what is off to on (for the server, the database and the role), or use another server.',
  )
}

/** What the database's clock says: production disciplines its own clock to it, and SQL of ours reads it nowhere else. */
export async function readDatabaseClock(sql: Sql): Promise<Date> {
  const [row] = await sql<{ now: Date }[]>`select clock_timestamp() as now`
  if (row === undefined) throw new Error('the server answered no row')
  return row.now
}
