import { newUuid, parseName, type Tenant, type Uuid } from '../core/ids.ts'
import { type ClaimedNotice, nextTry, type SettledNotice } from '../core/notice.ts'
import { driveDue, type Lanes } from './drive-due.ts'
import { askAbout } from './observe-charge.ts'
import type { Payments } from './pay.ts'

const CLAIMS_PER_TENANT = 20
/** Longer than asking about so many takes: a process that dies meanwhile leaves its notices to others. */
const LEASE_MS = 60_000
const LANES: Lanes = new WeakMap()

/** Notices of one charge, to be asked about in one question. */
type Hint = { readonly id: Uuid; readonly tenant: Tenant; readonly notices: readonly ClaimedNotice[] }

/**
 * Asks about the charges that notices name, each once however often it was named. What is seen is applied as any other
 * evidence is, so that a notice that is early, late, doubled or wrong changes nothing but the moment.
 * @returns how many charges were asked about, or found to be nobody's
 */
export function followNotices(payments: Payments): Promise<number> {
  const { storage, env } = payments
  return driveDue(LANES, storage, {
    tenants: () => storage.tenantsWithDueNotices(env.now()),
    due: (tenant) => claim(payments, tenant),
    drive: (hint) => follow(payments, hint),
  })
}

async function claim({ storage, env }: Payments, tenant: Tenant): Promise<readonly Hint[]> {
  const now = env.now()
  const until = new Date(now.getTime() + LEASE_MS)
  const claimed = await storage.claimNotices(tenant, { now, until, limit: CLAIMS_PER_TENANT })
  const alike = Map.groupBy(claimed, ({ connector, reference }) => `${connector} ${reference}`)
  return [...alike.values()].map((notices) => ({ id: newUuid(env), tenant, notices }))
}

async function follow(payments: Payments, hint: Hint): Promise<boolean> {
  let verdict: Verdict = 'again'
  try {
    verdict = await verdictOn(payments, hint)
  } finally {
    const now = payments.env.now()
    const settled = hint.notices.map((notice) => settledBy(verdict, notice, now))
    await payments.storage.settleNotices(hint.tenant, settled)
  }
  return true
}

type Verdict = 'done' | 'foreign' | 'again'

async function verdictOn(payments: Payments, { tenant, notices: [notice] }: Hint): Promise<Verdict> {
  const name = notice && parseName('charge', notice.reference)
  if (!name || name.tenant !== tenant) return 'foreign'
  const asked = await askAbout(payments, tenant, name.id)
  if (!asked) return 'again'
  if (asked.attempt.charge.connector !== notice.connector) return 'foreign'
  // A provider that tells of a charge and then has no record of it has not caught up with itself yet.
  return asked.seen === 'lost' || asked.seen === 'absent' ? 'again' : 'done'
}

function settledBy(verdict: Verdict, notice: ClaimedNotice, now: Date): SettledNotice {
  const { connector, account, noticeId, fence } = notice
  const key = { connector, account, noticeId, fence }
  if (verdict !== 'again') return { ...key, state: verdict }
  const nextAt = nextTry(notice, now)
  return nextAt ? { ...key, state: 'waiting', nextAt } : { ...key, state: 'given_up' }
}
