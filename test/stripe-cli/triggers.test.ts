import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, describe, test } from 'node:test'
import { startTestOpentill } from '../support/opentill.ts'
import { ROOT } from '../support/source.ts'
import { findStripeCli, NO_STRIPE_CLI } from '../support/stripe-cli.ts'
import { listTriggers, readTables, runTriggers, triggersTables } from './triggers.ts'

const program = findStripeCli()
const page = readFileSync(join(ROOT, 'docs/stripe-cli.md'), 'utf8')
const { before, rows, after: behind } = readTables(page)

test('the page counts what its tables say', () => {
  const passing = rows.filter(({ reason }) => reason === undefined).length
  assert.ok(passing > 20)
  assert.match(before, new RegExp(`\\b${passing} of the ${rows.length} events`))
})

test('the tables are those that would be written of what they say', () => {
  assert.equal(before + triggersTables(rows) + behind, page)
  assert.ok(!page.includes('| Others |'), 'every event that does not pass is of a kind that is named')
})

describe('the real Stripe CLI triggers', { skip: program === undefined ? NO_STRIPE_CLI : false }, async () => {
  if (program === undefined) return
  const till = await startTestOpentill(import.meta.url)
  after(till.stop)

  test('the tables list everything that the CLI can trigger', async () => {
    assert.deepEqual(
      rows.map(({ name }) => name),
      (await listTriggers(program)).toSorted(),
    )
  })

  test('what the tables say passes passes, and its event happens', async () => {
    const names = rows.filter(({ reason }) => reason === undefined).map(({ name }) => name)
    const failed = (await runTriggers(program, till, names)).filter(({ reason }) => reason !== undefined)
    assert.deepEqual(failed, [])
  })

  test('what cannot be is told in the words of the tables', async () => {
    const untold = rows.filter(({ reason }) => reason !== undefined)
    const some = untold.filter((_, index) => index % 25 === 0)
    assert.ok(some.length > 2)
    assert.deepEqual(
      await runTriggers(
        program,
        till,
        some.map(({ name }) => name),
      ),
      some,
    )
  })
})
