import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, type Sql } from '../../src/storage/connect.ts'
import { findEmbeddedPostgres } from '../../src/storage/embedded/embedded.ts'
import { ROOT } from '../support/source.ts'

export type Product = {
  readonly url: string
  readonly keys: ReadonlyMap<string, string>
  /** Everything that the process wrote, to both of its outputs. */
  printed(): Buffer
  /** Every row of every table of both databases, as text. */
  dump(): Promise<Buffer>
  /** As a supervisor does it. @returns the exit code */
  stop(): Promise<number | null>
}

/** The program as `npm start` runs it, in a process of its own, at its most talkative. */
export async function startProduct(dataDir: string, firstWords: string): Promise<Product> {
  const speak = `process.stderr.write(${JSON.stringify(`${firstWords}\n`)})`
  const own = Object.entries(process.env).filter(([name]) => !/^OPENTILL_|^DATABASE_URL$|^NODE_/.test(name))
  const child = spawn(
    process.execPath,
    ['--import', `data:text/javascript,${encodeURIComponent(speak)}`, 'src/main.ts'],
    {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...Object.fromEntries(own),
        OPENTILL_PORT: '0',
        OPENTILL_BANK_PORT: '0',
        OPENTILL_STORE_PORT: '0',
        OPENTILL_DATA_DIR: dataDir,
        OPENTILL_LOG_LEVEL: 'trace',
      },
    },
  )
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk))
  const printed = () => Buffer.concat(chunks)
  const url = await greeted(child, printed)
  const keys = readFileSync(join(dataDir, 'dev-keys.env'), 'utf8')
  return {
    url,
    keys: new Map([...keys.matchAll(/^(\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => [name, value])),
    printed,
    dump: () => dumpBoth(dataDir),
    async stop() {
      if (child.exitCode === null) {
        const exited = once(child, 'exit')
        child.kill('SIGTERM')
        await exited
      }
      return child.exitCode
    },
  }
}

async function greeted(child: ChildProcess, printed: () => Buffer): Promise<string> {
  for (;;) {
    const url = /API and payment page\s+(http:\S+)/.exec(printed().toString())?.[1]
    if (url !== undefined) return url
    if (child.exitCode !== null) throw new Error(`it did not start: ${printed()}`)
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')])
  }
}

async function dumpBoth(dataDir: string): Promise<Buffer> {
  const cluster = await findEmbeddedPostgres(dataDir)
  if (!cluster) throw new Error('the cluster is not there')
  const texts: string[] = []
  for (const name of ['opentill', 'sandbox_bank']) {
    const sql = connect(cluster.address(name), { max: 1 })
    texts.push(`database ${name}\n`, await dump(sql))
    await sql.end()
  }
  return Buffer.from(texts.join(''))
}

/** Whole rows as Postgres prints them: bytes as hex, documents as JSON. */
async function dump(sql: Sql): Promise<string> {
  const tables = await sql<{ schema: string; name: string }[]>`
    select table_schema as schema, table_name as name from information_schema.tables
    where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')
    order by 1, 2`
  const lines: string[] = []
  for (const { schema, name } of tables) {
    const rows = await sql<{ row: string }[]>`select t::text as row from ${sql(schema)}.${sql(name)} t`
    lines.push(`table ${schema}.${name}: ${rows.length}\n`, ...rows.map(({ row }) => `${row}\n`))
  }
  return lines.join('')
}

/** Every file below a folder: heaps, indexes, write-ahead log, the server's own log, keys. */
export function readFiles(folder: string): ReadonlyMap<string, Buffer> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  return new Map(files.map((file) => [file.slice(folder.length + 1), readFileSync(file)]))
}
