import type { Bug } from '../planted/bugs.ts'

/** @see ISOLATION_BUGS */
export type IsolationBug = Bug & {
  /** Words of the races that show it. */
  readonly race: string
}

/**
 * Faults that nobody sees on one connection, where each is as good as the right thing: what was read is still so when it
 * is written.
 */
export const ISOLATION_BUGS: readonly IsolationBug[] = [
  {
    name: 'a row’s version is read before it is replaced',
    race: 'two windows',
    file: 'src/storage/commit.ts',
    find: `  const result = await tx\`
    update \${tx(shape.table)} t
    set (\${changed}) = (
      select \${changed} from jsonb_populate_record(null::\${tx(shape.table)}, \${JSON.stringify(row)}::text::jsonb)
    )
    where t.tenant = \${Number(row.tenant)} and t.id = \${String(row.id)} and t.version = \${version - 1}\``,
    replace: `  const [stored] = await tx\`
    select version from \${tx(shape.table)} where tenant = \${Number(row.tenant)} and id = \${String(row.id)}\`
  if (stored?.version !== version - 1) throw new Lost('stale')
  const result = await tx\`
    update \${tx(shape.table)} t
    set (\${changed}) = (
      select \${changed} from jsonb_populate_record(null::\${tx(shape.table)}, \${JSON.stringify(row)}::text::jsonb)
    )
    where t.tenant = \${Number(row.tenant)} and t.id = \${String(row.id)}\``,
  },
  {
    name: 'a key is looked for before it is claimed',
    race: 'twice under one key',
    file: 'src/storage/commit.ts',
    find: `  const result = await tx\`\${insertion(tx, IDEMPOTENCY, [encodeIdempotency(row)])} on conflict do nothing\`
  if (result.count !== 1) throw new Lost('key_used')`,
    replace: `  const found = await tx\`
    select 1 from idempotency where tenant = \${row.tenant} and door = \${row.door} and key = \${row.key}\`
  if (found.length > 0) throw new Lost('key_used')
  await tx\`\${insertion(tx, IDEMPOTENCY, [encodeIdempotency(row)])}\``,
  },
  {
    name: 'the keys of new sessions are looked for, not claimed',
    race: 'stop at their account',
    file: 'src/storage/create-sessions.ts',
    find: `      where units.claim is not null
      on conflict do nothing`,
    replace: `      where units.claim is not null and not exists (
        select from idempotency i where i.tenant = row.tenant and i.door = row.door and i.key = row.key
      )`,
  },
  {
    name: 'a charge is read before its refunds',
    race: 'two refunds',
    file: 'src/storage/attempts.ts',
    find: '    refunds: row.refunds.map((one) => decodeRow(REFUNDS, one)),',
    replace: `    refunds: (
      await sql<JsonRow[]>\`
        select * from refunds where tenant = \${tenant} and charge_id = \${chargeId} order by id\`
    ).map((one) => decodeRow(REFUNDS, one)),`,
  },
  {
    name: 'two sequencers go on from one number',
    race: 'two sequencers',
    file: 'src/storage/sequencer.ts',
    find: `
      where tenant = \${tenant} and last_number = \${last}`,
    replace: `
      where tenant = \${tenant}`,
  },
  {
    name: 'endpoints are read before the events that they hear of',
    race: 'an endpoint is opened',
    file: 'src/storage/sequencer.ts',
    find: `    const { last, queued } = await readQueue(sql, tenant, batch.limit)
    // Read after the events: an endpoint that stood before an event was told is here.
    const endpoints = queued.length === 0 ? [] : await readEndpoints(sql, tenant)`,
    replace: `    const endpoints = await readEndpoints(sql, tenant)
    const { last, queued } = await readQueue(sql, tenant, batch.limit)`,
  },
  {
    name: 'two workers may probe an endpoint with one delivery',
    race: 'stop at the delivery',
    file: 'src/storage/deliveries.ts',
    find: `
        and d.fence = chosen.fence
      returning`,
    replace: `
      returning`,
  },
]
