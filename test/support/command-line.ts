import { type Io, runCli } from '../../src/cli/run.ts'
import { sandboxConnector } from '../../src/connectors/sandbox/sandbox.ts'
import { makeSecretSealer } from '../../src/events/endpoint-secret.ts'
import type { Context } from '../../src/flows/call.ts'
import { doorEvents } from '../../src/http/dialects/door-events.ts'
import { openBooks } from '../../src/storage/books.ts'
import type { Sql } from '../../src/storage/connect.ts'
import { openStorage } from '../../src/storage/storage.ts'
import { testDatabase } from './database.ts'
import { testEnv } from './env.ts'

/** For tests alone; it opens nothing. */
const SEALING_KEY = new Uint8Array(32).fill(7)

export type Ran = { readonly code: number; readonly out: string; readonly err: string }
export type TestCommandLine = {
  readonly context: Context
  readonly sql: Sql
  /** Runs one command line, with quotes as a shell reads them, a minute after the one before. */
  run(line: string, io?: Partial<Io>): Promise<Ran>
  /** How many times a command opened the database, and how many times it closed it. */
  readonly opened: () => readonly [opened: number, closed: number]
  drop(): Promise<void>
}

/** The command line on a database of its own, with a clock that only commands move. */
export async function testCommandLine(file: string): Promise<TestCommandLine> {
  const db = await testDatabase(file)
  const env = testEnv()
  const context: Context = { env, storage: openStorage(db.sql) }
  let [opened, closed] = [0, 0]
  const open = async () => {
    opened++
    return {
      context,
      books: openBooks(db.sql),
      doors: doorEvents(() => ({ publicUrl: 'https://pay.example' })),
      openSealer: async () => makeSecretSealer(env, SEALING_KEY),
      connectors: [sandboxConnector('http://127.0.0.1:1')],
      bank: async () => ({ ok: false, because: 'does not answer' }) as const,
      close: async () => {
        closed++
      },
    }
  }
  return {
    context,
    sql: db.sql,
    opened: () => [opened, closed],
    drop: db.drop,
    async run(line, io = {}) {
      env.setNow(new Date(env.now().getTime() + 60_000))
      let [out, err] = ['', '']
      const streams: Io = {
        write: (text) => {
          out += text
        },
        writeError: (text) => {
          err += text
        },
        isTty: false,
        color: false,
        ...io,
      }
      return { code: await runCli(wordsOf(line), streams, open), out, err }
    },
  }
}

/** Double quotes keep spaces together; nothing else of a shell is needed here. */
function wordsOf(line: string): readonly string[] {
  return (line.match(/(?:"[^"]*"|[^\s"])+/g) ?? []).map((word) => word.replaceAll('"', ''))
}

/** Names and keys differ from run to run; columns stay as they are. */
export function withoutIds(text: string): string {
  return text
    .replace(/\b(acct|key)_[0-9A-Za-z]{27}\b/g, '$1_…')
    .replace(/\b(sk|pk)_(test|live)_[0-9A-Za-z]{55}\b/g, '$1_$2_…')
    .replace(/\*{4}[0-9A-Za-z]{4}\b/g, '****')
}
