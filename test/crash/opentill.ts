/**
 * Opentill as `src/main.ts` runs it, with two seams in a test's hands: it dies at a named point of the sandbox bank, and
 * its clock can be moved on. `node opentill.ts <json of Orders>`; `{"forwardMs": …}` arrives over IPC.
 */
import pino from 'pino'
import { parseConfig } from '../../src/config.ts'
import { makeEnv, type ProductionEnv } from '../../src/env.ts'
import { errorFields } from '../../src/http/log.ts'
import type { FaultPoint, Faults } from '../../src/sandbox-bank/faults.ts'
import { startOpentill } from '../../src/start.ts'
import { killDatabase } from './kill.ts'

export type DeathAt = {
  readonly point: FaultPoint
  /** Of an order, such as `/v1/authorizations/:id/captures`. */
  readonly route: string
  /** Which one of them, 1 for the first. */
  readonly nth: number
  readonly victim: 'server' | 'database' | 'both'
}
export type Orders = { readonly deathAt?: DeathAt }

const { deathAt } = JSON.parse(process.argv[2] ?? '{}') as Orders
const parsed = parseConfig(process.env)
if (!parsed.ok) throw new Error(parsed.faults.join('\n'))
const { config, databaseUrls } = parsed
const real = makeEnv()
let aheadMs = 0
const env: ProductionEnv = { ...real, now: () => new Date(real.now().getTime() + aheadMs) }
process.on('message', ({ forwardMs }: { readonly forwardMs: number }) => {
  aheadMs += forwardMs
})

const log = pino(
  { level: config.logLevel, base: null, serializers: { err: errorFields } },
  pino.destination({ dest: 2, sync: false }),
)
const running = await startOpentill(config, databaseUrls, env, log, deathAt && dieAt(deathAt))
process.stdout.write(`  API and payment page   ${running.url}\n`)
void running.ended.then((reason) => {
  process.stderr.write(`${reason}\n`)
  process.exit(1)
})
process.once('SIGTERM', () => void running.stop().then(() => process.exit(0)))

/** A fault plan whose only fault is the end of the process, or of the database under it. */
function dieAt({ point, route, nth, victim }: DeathAt): Faults {
  let seen = 0
  return async (at, request) => {
    if (at !== point || request.method !== 'POST' || request.route !== route) return undefined
    seen += 1
    if (seen !== nth) return undefined
    process.stdout.write(`died at ${point} of ${route}\n`)
    if (victim !== 'server') killDatabase(config.dataDir)
    if (victim !== 'database') process.kill(process.pid, 'SIGKILL')
    return undefined
  }
}
