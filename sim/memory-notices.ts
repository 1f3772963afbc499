import type { Tenant } from '../src/core/ids.ts'
import type { ClaimedNotice, Notice, SettledNotice } from '../src/core/notice.ts'
import { CLAIMED_NOTICES } from '../src/storage/notices.ts'
import { decodeRow, type JsonRow } from '../src/storage/shape.ts'
import { rowsOf, tenantsWith, type Write } from './memory-storage.ts'
import type { Tables } from './tables.ts'

type Commands = Readonly<Record<string, (...rest: never[]) => unknown>>

/** The commands about what providers tell, as `storage/notices.ts` says them in SQL. */
export function noticeCommands(tables: Tables, write: Write): Commands {
  return {
    keepNotice: (notice: Notice) => write(() => keepNotice(tables, notice)),
    tenantsWithDueNotices: (now: Date) => tenantsWith(tables, 'notices', (row) => isDue(row, now)),
    claimNotices: (tenant: Tenant, claim: Claim) => write(() => claimNotices(tables, tenant, claim)),
    settleNotices: (tenant: Tenant, settled: readonly SettledNotice[]) =>
      write(() => settled.filter((one) => settleNotice(tables, tenant, one)).length),
    tenantsWithOldNotices: (before: Date) =>
      tenantsWith(tables, 'notices', (row) => String(row.received_at) < before.toISOString()),
    forgetNotices: (tenant: Tenant, before: Date, limit: number) =>
      write(() => {
        const old = rowsOf(tables, 'notices', tenant)
          .filter((row) => String(row.received_at) < before.toISOString())
          .sort(by('received_at'))
          .slice(0, limit)
        for (const row of old) tables.remove('notices', row)
        return old.length
      }),
  }
}

type Claim = { readonly now: Date; readonly until: Date; readonly limit: number }

const isDue = (row: JsonRow, now: Date): boolean => row.next_at !== null && String(row.next_at) <= now.toISOString()
const by = (column: string) => (a: JsonRow, b: JsonRow) =>
  String(a[column]) < String(b[column]) ? -1 : Number(String(a[column]) > String(b[column]))

function keepNotice(tables: Tables, notice: Notice): 'kept' | 'known' | 'no_tenant' {
  if (!tables.get('tenants', String(notice.tenant))) return 'no_tenant'
  const at = notice.receivedAt.toISOString()
  const row = {
    tenant: notice.tenant,
    connector: notice.connector,
    account: notice.account,
    notice_id: notice.noticeId,
    type: notice.type,
    reference: notice.reference,
    received_at: at,
    state: 'waiting',
    next_at: at,
    tries: 0,
    fence: 0,
  }
  if (tables.get('notices', tables.keyOf('notices', row))) return 'known'
  tables.insert('notices', row)
  return 'kept'
}

function claimNotices(tables: Tables, tenant: Tenant, { now, until, limit }: Claim): readonly ClaimedNotice[] {
  const due = rowsOf(tables, 'notices', tenant)
    .filter((row) => isDue(row, now))
    .sort(by('next_at'))
    .slice(0, limit)
  const claimed = due.map((row) => {
    const next = { ...row, next_at: until.toISOString(), tries: Number(row.tries) + 1, fence: Number(row.fence) + 1 }
    tables.replace('notices', next)
    return next
  })
  const order = ['received_at', 'connector', 'account', 'notice_id'].map(by)
  return claimed
    .sort((a, b) => order.map((compare) => compare(a, b)).find((sign) => sign !== 0) ?? 0)
    .map((row) => decodeRow(CLAIMED_NOTICES, row))
}

function settleNotice(tables: Tables, tenant: Tenant, settled: SettledNotice): boolean {
  const key = `${tenant}|${settled.connector}|${settled.account}|${settled.noticeId}`
  const row = tables.get('notices', key)
  if (row?.state !== 'waiting' || row.fence !== settled.fence) return false
  const nextAt = settled.state === 'waiting' ? settled.nextAt.toISOString() : null
  tables.replace('notices', { ...row, state: settled.state, next_at: nextAt })
  return true
}
