import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { after, test } from 'node:test'
import { testDatabase } from '../../test/support/database.ts'
import { factOf, newTenant } from '../../test/support/told-events.ts'
import type { Numbered } from '../core/event.ts'
import { newUuid, type Tenant } from '../core/ids.ts'
import { makeEnv } from '../env.ts'
import { connect } from './connect.ts'
import { listenForNumbers, parseNumbered, spellNumbered } from './numbered.ts'
import { openStorage } from './storage.ts'

const db = await testDatabase(import.meta.url)
const env = makeEnv()
const storage = openStorage(db.sql)
const other = connect(db.url)
after(async () => {
  await other.end({ timeout: 5 })
  await db.drop()
})

test('another process hears whose events were numbered, after the commit, and after a break that it may have missed some', async () => {
  const heard = new EventEmitter()
  const sure: Numbered[] = []
  await listenForNumbers(other, (news) => {
    if (news === 'unsure') return void heard.emit('unsure')
    sure.push(news)
    heard.emit('numbered')
  })
  const tenant = await newTenant(env, storage)
  const root = newUuid(env)
  const number = async (version: number) => {
    await storage.commit({ events: [factOf(env, tenant, { root, rootVersion: version, ordinal: 1 })] })
    const rung = once(heard, 'numbered')
    await storage.numberEvents(tenant, { limit: 10, now: env.now() }, () => ({ bodies: [], deliveries: [] }))
    await rung
  }
  await number(1)
  assert.deepEqual(sure, [{ tenant, last: 1n, roots: [root] }])
  const again = once(heard, 'unsure')
  await db.sql`select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen %' and datname = current_database()`
  await again
  await number(2)
  assert.deepEqual(sure.at(-1), { tenant, last: 2n, roots: [root] })
})

test('a notification is never longer than the server takes, and what nobody of us said is doubt', () => {
  const roots = Array.from({ length: 201 }, () => newUuid(env))
  assert.ok(Buffer.byteLength(spellNumbered((2 ** 31 - 1) as Tenant, 10n ** 18n, roots.slice(1))) < 8000)
  const many = spellNumbered(7 as Tenant, 5n, roots)
  assert.deepEqual(parseNumbered(many), { tenant: 7, last: 5n, roots: 'many' })
  assert.deepEqual(parseNumbered(spellNumbered(7 as Tenant, 5n, [...roots.slice(0, 2), ...roots.slice(0, 2)])), {
    tenant: 7,
    last: 5n,
    roots: roots.slice(0, 2),
  })
  for (const odd of ['', 'x', '7 5', '7 5 ;drop', '-7 5 *']) assert.equal(parseNumbered(odd), undefined, odd)
})
