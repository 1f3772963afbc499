import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { testDatabase } from '../../test/support/database.ts'
import { type Tenant, testTenant } from '../core/ids.ts'
import type { ClaimedNotice, Notice } from '../core/notice.ts'
import { openStorage } from './storage.ts'

const db = await testDatabase(import.meta.url)
after(db.drop)
const storage = openStorage(db.sql)
const TENANT = testTenant(7)
const OTHER = testTenant(8)
await db.sql`insert into tenants (tenant) values (${TENANT}), (${OTHER})`
beforeEach(() => db.sql`delete from notices`)

const NOW = new Date('2026-01-02T03:04:05.678Z')
const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)
const notice = (noticeId: string, fields: Partial<Notice> = {}): Notice => ({
  tenant: TENANT,
  connector: 'sandbox',
  account: 't15',
  noticeId,
  type: 'refund.created',
  reference: 'ch_1',
  receivedAt: NOW,
  ...fields,
})
const claim = (now = NOW, limit = 10, tenant: Tenant = TENANT) =>
  storage.claimNotices(tenant, { now, until: new Date(now.getTime() + 60_000), limit })
const ids = (claimed: readonly ClaimedNotice[]) => claimed.map(({ noticeId }) => noticeId)

test('told again it is the same; from another account, provider or tenant it is another', async () => {
  assert.equal(await storage.keepNotice(notice('a')), 'kept')
  assert.equal(await storage.keepNotice(notice('a', { reference: 'ch_2' })), 'known')
  assert.equal(await storage.keepNotice(notice('a', { account: 't16' })), 'kept')
  assert.equal(await storage.keepNotice(notice('a', { connector: 'other' })), 'kept')
  assert.equal(await storage.keepNotice(notice('a', { tenant: OTHER })), 'kept')
  assert.equal(await storage.keepNotice(notice('a', { tenant: testTenant(9) })), 'no_tenant')
  assert.deepEqual(
    (await claim()).map(({ reference }) => reference),
    ['ch_1', 'ch_1', 'ch_1'],
  )
})

test('fifty tellings at once are kept once', async () => {
  const told = await Promise.all(Array.from({ length: 50 }, () => storage.keepNotice(notice('a'))))
  assert.equal(told.filter((one) => one === 'kept').length, 1)
})

test('two claimers share what is due, and what nobody settles is due again', async () => {
  for (const id of ['a', 'b', 'c', 'd']) await storage.keepNotice(notice(id))
  const [one, other] = await Promise.all([claim(NOW, 2), claim(NOW, 4)])
  assert.deepEqual([...ids(one), ...ids(other)].sort(), ['a', 'b', 'c', 'd'])
  assert.deepEqual(await claim(later(59)), [])
  assert.deepEqual(await storage.tenantsWithDueNotices(later(59)), [])
  assert.deepEqual(await storage.tenantsWithDueNotices(later(60)), [TENANT])
  assert.deepEqual(
    (await claim(later(60))).map(({ tries, fence }) => [tries, fence]),
    Array(4).fill([2, 2]),
  )
})

test('whoever was overtaken settles nothing', async () => {
  await storage.keepNotice(notice('a'))
  const [slow] = await claim()
  const [quick] = await claim(later(60))
  if (!slow || !quick) throw new Error('nothing was claimed')
  assert.equal(await storage.settleNotices(TENANT, [{ ...slow, state: 'given_up' }]), 0)
  assert.equal(await storage.settleNotices(TENANT, [{ ...quick, state: 'waiting', nextAt: later(70) }]), 1)
  const [again] = await claim(later(70))
  if (!again) throw new Error('nothing was claimed')
  assert.equal(await storage.settleNotices(TENANT, [{ ...again, state: 'done' }]), 1)
  assert.equal(await storage.settleNotices(TENANT, [{ ...again, state: 'given_up' }]), 0)
  assert.deepEqual(await claim(later(100_000)), [])
})

test('the old are forgotten, some at a time', async () => {
  for (const id of ['a', 'b', 'c']) await storage.keepNotice(notice(id))
  await storage.keepNotice(notice('d', { receivedAt: later(10) }))
  assert.equal(await storage.forgetNotices(TENANT, later(10), 2), 2)
  assert.equal(await storage.forgetNotices(TENANT, later(10), 2), 1)
  assert.equal(await storage.forgetNotices(OTHER, later(100), 2), 0)
  assert.deepEqual(ids(await claim(later(20))), ['d'])
})
