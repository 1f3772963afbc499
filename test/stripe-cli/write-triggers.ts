/** Triggers everything that the pinned CLI can, and writes the tables of `docs/stripe-cli.md`: `node test/stripe-cli/write-triggers.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startTestOpentill } from '../support/opentill.ts'
import { ROOT } from '../support/source.ts'
import { findStripeCli, NO_STRIPE_CLI } from '../support/stripe-cli.ts'
import { listTriggers, readTables, runTriggers, triggersTables } from './triggers.ts'

const program = findStripeCli()
if (program === undefined) throw new Error(NO_STRIPE_CLI)
const page = join(ROOT, 'docs/stripe-cli.md')
const till = await startTestOpentill(import.meta.url)
try {
  const rows = await runTriggers(program, till, await listTriggers(program))
  const { before, after } = readTables(readFileSync(page, 'utf8'))
  const passing = rows.filter(({ reason }) => reason === undefined).length
  const counted = before.replace(/\d+ of the \d+ events/, `${passing} of the ${rows.length} events`)
  writeFileSync(page, counted + triggersTables(rows) + after)
  console.log(`${passing} of ${rows.length} pass`)
} finally {
  await till.stop()
}
