import pino from 'pino'
import { parseConfig } from './config.ts'
import { isBusy } from './core/overload.ts'
import { makeEnv } from './env.ts'
import { errorFields } from './http/log.ts'
import { type Running, startOpentill } from './start.ts'
import { StartError } from './storage/start-error.ts'

/** Supervisors send SIGTERM and kill ten seconds later. */
const STOP_LIMIT_MS = 9_500

const parsed = parseConfig(process.env)
if (!parsed.ok) {
  process.stderr.write(`Opentill cannot start:\n${parsed.faults.map((fault) => `  - ${fault}\n`).join('')}`)
  process.exit(1)
}
const { config, databaseUrls } = parsed
const env = makeEnv()
const log = pino(
  { level: config.logLevel, base: null, serializers: { err: errorFields } },
  pino.destination({ dest: 2, sync: false }),
)

// Listened for from the first moment: a process that is told to stop while it starts stops what it has started.
const signaled = new Promise<void>((resolve) => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => resolve())
})

/**
 * A failure that nobody waits for any more. The database's own are those of questions whose askers have left, as when it
 * dies while we stop: they say nothing new. Any other is a bug of ours, and whoever goes on after one guesses: we stop.
 */
const broken = new Promise<string>((resolve) => {
  process.on('unhandledRejection', (error) => {
    log.error({ err: error }, 'something failed that nobody waited for')
    if (!isBusy(error)) resolve('Opentill stops because something failed that nobody waited for; the log says what.')
  })
})

try {
  const running = await startOpentill(config, databaseUrls, env, log)
  process.stdout.write(greeting(running))
  process.exit(await untilStopped(running))
} catch (error) {
  process.stderr.write(`${sentenceFor(error)}\n`)
  process.exit(1)
}

/** Stops once, for whichever reason came first. @returns the exit code: 1 also when something died while we stopped */
async function untilStopped(running: Running): Promise<number> {
  let died = false
  const ended = Promise.race([running.ended, broken]).then((reason) => {
    died = true
    process.stderr.write(`${reason}\n`)
  })
  await Promise.race([signaled, ended])
  const limit = new AbortController()
  const late = env.sleep(STOP_LIMIT_MS, limit.signal).then(
    () => true,
    () => false,
  )
  const stopped = running.stop().then(() => false)
  const tooLate = await Promise.race([stopped, late])
  return tooLate || died ? 1 : 0
}

/** One sentence for a person; what is not one of those is a bug and keeps its stack. */
function sentenceFor(error: unknown): string {
  if (error instanceof StartError) return error.message
  const { code, port, address } = error as { code?: string; port?: number; address?: string }
  if (code === 'EADDRINUSE') {
    return `Port ${port} on ${address} is taken by another program; stop it, or choose another port (OPENTILL_PORT, OPENTILL_BANK_PORT, OPENTILL_STORE_PORT).`
  }
  if (code === 'EADDRNOTAVAIL' || code === 'EACCES') {
    return `Opentill may not listen on ${address}:${port} (${code}); choose another with OPENTILL_HOST and OPENTILL_PORT.`
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}

function greeting({ url, bankUrl, storeUrl, first }: Running): string {
  const lines = [
    '',
    '  Opentill is running.',
    '',
    `  API and payment page   ${url}`,
    `  Test cards             ${url}/c/test-cards`,
    `  Sandbox bank           ${bankUrl}`,
    ...(storeUrl === undefined ? [] : [`  Demo shop              ${storeUrl}`]),
    '',
    ...keyLines(first),
  ]
  return `${lines.join('\n')}\n`
}

function keyLines(first: Running['first']): readonly string[] {
  if (!first)
    return [
      '  No demo shop: this database has accounts of its own. Make a key with npm run opentill -- keys create.',
      '',
    ]
  const file = `${config.dataDir}/dev-keys.env`
  if (!first.isNew) return [`  The test keys are in ${file}`, '']
  return [
    '  Your first account, in test mode. These keys are shown this once:',
    '',
    `  OPENTILL_SECRET_KEY=${first.keys.secretKey}`,
    `  OPENTILL_PUBLISHABLE_KEY=${first.keys.publishableKey}`,
    `  OPENTILL_WEBHOOK_SECRET=${first.keys.webhookSecret}`,
    '',
    `  They are also in ${file}`,
    '',
  ]
}
