import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { originOf, parseConfig } from '../config.ts'
import { sandboxBooks } from '../connectors/sandbox/read-books.ts'
import { sandboxConnector } from '../connectors/sandbox/sandbox.ts'
import { openMainDatabase } from '../databases.ts'
import { makeEnv } from '../env.ts'
import { createEgress } from '../events/egress.ts'
import { makeSecretSealer } from '../events/endpoint-secret.ts'
import { doorEvents } from '../http/dialects/door-events.ts'
import { loadSecrets } from '../secrets.ts'
import { openBooks } from '../storage/books.ts'
import { inTransaction } from '../storage/commit.ts'
import { StartError } from '../storage/start-error.ts'
import { openStorage } from '../storage/storage.ts'
import { runCli } from './run.ts'

/** The command line as a process: settings from the environment, the database opened when a command asks for it. */
const parsed = parseConfig(process.env)
if (!parsed.ok) {
  process.stderr.write(`The settings cannot be used:\n${parsed.faults.map((fault) => `  - ${fault}\n`).join('')}`)
  process.exit(1)
}
const { config, databaseUrls } = parsed
const env = makeEnv()
const bankUrl = originOf(config.bankHost, config.bankPort)
const http = createEgress({
  env,
  policy: { publicHosts: false, loopback: false, allowHosts: [new URL(bankUrl).host] },
  assertNoTransaction: () => {
    if (inTransaction()) throw new Error('a network call inside a database transaction')
  },
})
const io = {
  write: (text: string) => void process.stdout.write(text),
  writeError: (text: string) => void process.stderr.write(text),
  isTty: process.stdout.isTTY === true,
  color: process.stdout.isTTY === true && !process.env.NO_COLOR,
}

/** A server has made the keys at its first start; a folder without them belongs to another installation. */
async function openSealer() {
  if (!existsSync(join(config.dataDir, 'secrets.json'))) {
    throw new StartError(`${config.dataDir} has no secrets.json; run this where the server has its data folder.`)
  }
  return makeSecretSealer(env, (await loadSecrets(config.dataDir, env)).sealingKey)
}

try {
  process.exitCode = await runCli(process.argv.slice(2), io, async () => {
    const database = await openMainDatabase(config, databaseUrls, env)
    return {
      context: { env, storage: openStorage(database.sql) },
      books: openBooks(database.sql),
      bank: sandboxBooks(bankUrl, http),
      doors: doorEvents(() => ({ publicUrl: config.publicUrl ?? originOf(config.host, config.port) })),
      openSealer,
      connectors: [sandboxConnector(bankUrl)],
      close: database.stop,
    }
  })
} catch (error) {
  process.stderr.write(`${error instanceof StartError ? error.message : String(error)}\n`)
  process.exitCode = 1
}
