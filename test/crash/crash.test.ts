import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SUPERUSER } from '../../src/storage/embedded/cluster.ts'
import { crashRun, type Scene } from './crash-run.ts'

test('server and database are killed while payments, captures and refunds run, and nothing is lost', async (t) => {
  const seed = Date.now() % 1_000_000
  t.diagnostic(`again with npm run test:crash -- --rounds 3 --seed ${seed}`)
  const say = (line: string) => t.diagnostic(line)
  const survived = await crashRun({ seed, rounds: 3, say, afterwards: lossIsSeen })
  assert.ok(survived.paid > 0 && survived.events > survived.paid, JSON.stringify(survived))
})

/** What a run that loses something looks like: each loss is planted, and each is found. */
async function lossIsSeen({ product, confirmed, taken, judge }: Scene): Promise<void> {
  confirmed.sessions.add('cs_test_never')
  await assert.rejects(judge(), /was confirmed and is not there/)
  confirmed.sessions.delete('cs_test_never')

  const [name = ''] = taken.splice(-1)
  await assert.rejects(judge(), /never arrived/)
  taken.unshift(name)
  await assert.rejects(judge(), /arrived before an earlier event/)

  const sql = await product.connect(SUPERUSER)
  try {
    await sql`delete from postings where ctid = (select ctid from postings where credit = 'sales' limit 1)`
    await assert.rejects(judge(), /ledger_captured/)
    await sql`update charges set refund_ordered = 1 where id = (select id from charges where refund_ordered = 0
      and capture_ordered > 0 and state = 'captured' limit 1)`
    await assert.rejects(judge(), /refund_ordered/)
    await sql`alter table event_log disable trigger all`
    await sql`alter table events disable trigger all`
    await sql`delete from events where id = (select event_id from event_log order by number limit 1)`
    await assert.rejects(judge(), /events_numbered/)
  } finally {
    await sql.end({ timeout: 5 })
  }
}
