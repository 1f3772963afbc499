/**
 * How long `opentill verify` takes: `npm run bench:verify -- --payments 100000`. Seeds a database of its own with payments
 * as an ordinary day leaves them, by bulk inserts, and verifies it without the bank.
 */
import { parseArgs } from 'node:util'
import { makeEnv } from '../src/env.ts'
import { verify } from '../src/flows/verify/verify.ts'
import { openBooks } from '../src/storage/books.ts'
import { connect } from '../src/storage/connect.ts'
import { testDatabase } from '../test/support/database.ts'
import { seedPayments } from './seed-payments.ts'

const { values } = parseArgs({ options: { payments: { type: 'string', default: '100000' } } })
const payments = Number(values.payments)
const env = makeEnv()
const db = await testDatabase(import.meta.url)
const sql = connect(db.url, { statementTimeoutMs: 600_000 })
try {
  const seedingFrom = env.monotonicMs()
  const tenant = await seedPayments(sql, payments)
  console.log(`seeded ${payments} payments in ${((env.monotonicMs() - seedingFrom) / 1_000).toFixed(1)} s`)
  const usedBefore = process.cpuUsage()
  const verified = await verify({ env, books: openBooks(sql) }, [tenant])
  const { user, system } = process.cpuUsage(usedBefore)
  if (!verified.ok || verified.differences > 0) throw new Error(JSON.stringify(verified).slice(0, 2_000))
  const memory = Math.round(process.memoryUsage().rss / 1024 / 1024)
  console.log(`verified ${verified.payments} payments, ${verified.charges} charges in ${verified.seconds.toFixed(1)} s`)
  console.log(`of which ${((user + system) / 1e6).toFixed(1)} s on this processor; ${memory} MiB resident`)
} finally {
  await sql.end({ timeout: 5 })
  await db.drop()
}
