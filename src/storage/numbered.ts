import type { Numbered } from '../core/event.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import type { Sql } from './connect.ts'

/** The channel on which the sequencer says whose events it numbered. */
export const NUMBERED_CHANNEL = 'opentill_numbered'
/** A notification holds less than 8000 bytes: with more roots than this it says no more than that there were many. */
const MOST_ROOTS = 200

/** `<tenant> <last number> <root,root,…>`, or `*` for many roots. */
export function spellNumbered(tenant: Tenant, last: bigint, roots: Iterable<Uuid>): string {
  const distinct = [...new Set(roots)]
  return `${tenant} ${last} ${distinct.length > MOST_ROOTS ? '*' : distinct.join(',')}`
}

/** Undefined for what no sequencer of ours says: anybody with the database may notify. */
export function parseNumbered(text: string): Numbered | undefined {
  const [, tenant = '', last = '', roots = ''] = /^(\d{1,10}) (\d{1,19}) (\*|[0-9a-f,-]+)$/.exec(text) ?? []
  if (tenant === '') return undefined
  return {
    tenant: Number(tenant) as Tenant,
    last: BigInt(last),
    roots: roots === '*' ? 'many' : (roots.split(',') as Uuid[]),
  }
}

/**
 * Hears from every process on this database whose events were numbered, over one connection of its own. After a break
 * the driver connects again, and `unsure` says that something may have been missed. A pooler between us and the server
 * may swallow notifications: nobody may rely on them alone.
 */
export async function listenForNumbers(sql: Sql, hear: (news: Numbered | 'unsure') => void): Promise<void> {
  await sql.listen(
    NUMBERED_CHANNEL,
    (text) => hear(parseNumbered(text) ?? 'unsure'),
    () => hear('unsure'),
  )
}
