import type { Tenant, Uuid } from '../core/ids.ts'
import { eachTenant } from './each-tenant.ts'

type Due = { readonly id: Uuid }

/** How much of one kind of work a process has under way: of all accounts together, and of one account. */
export const MOST_AT_ONCE = 32
export const MOST_OF_ONE = 4

/** What one process has under way of one kind. Rounds may overlap: what a slow one holds, the next leaves alone. */
type Lane = {
  readonly busy: Map<Tenant, Share>
  served: Tenant | undefined
  dealing: boolean
  /** Whether the last round left an account without any hands. */
  waiting: boolean
}
type Share = { readonly held: Set<Uuid>; hands: number }

/** Each kind of work has lanes of its own, by the storage that it is done on: one for each process. */
export type Lanes = WeakMap<object, Lane>

export type DueWork<T extends Due> = {
  readonly tenants: () => Promise<readonly Tenant[]>
  /** What is due of one account, the longest waiting first. */
  readonly due: (tenant: Tenant) => Promise<readonly T[]>
  /** @returns whether it was ours to do */
  readonly drive: (one: T) => Promise<boolean>
}

/**
 * Does what is due for all accounts, several things at once. A provider that is silent holds back no more than its
 * account's share; a busy account takes no more than its share, and accounts take turns in being first. Where silent
 * ones have taken all hands, each hand is free after the piece that it has begun, for as long as somebody waits. What
 * fails stops nothing else, and is due again.
 * @returns how many things were done, when the last of them is
 * @throws AggregateError, at the end, with what failed
 */
export async function driveDue<T extends Due>(lanes: Lanes, owner: object, work: DueWork<T>): Promise<number> {
  const lane = lanes.get(owner) ?? { busy: new Map(), served: undefined, dealing: false, waiting: false }
  lanes.set(owner, lane)
  // An earlier round is still handing out: it sees what this one would.
  if (lane.dealing) return 0
  lane.dealing = true
  const begun: Promise<Done>[] = []
  const failures: unknown[] = []
  let tenants: readonly Tenant[] = []
  try {
    tenants = inOrder(await work.tenants(), lane.served)
    await eachTenant(tenants, async (tenant) => {
      const started = await startFor(lane, tenant, work)
      begun.push(...started)
      return started.length
    })
  } catch (error) {
    failures.push(error)
  } finally {
    lane.waiting = tenants.some((tenant) => !lane.busy.has(tenant))
    lane.dealing = false
  }
  const ended = await Promise.all(begun)
  failures.push(...ended.flatMap((one) => one.failures))
  if (failures.length === 0) return ended.reduce((sum, one) => sum + one.count, 0)
  throw new AggregateError(failures, `${failures.length} pieces of work failed`)
}

/** Whoever was served last comes last. */
function inOrder(tenants: readonly Tenant[], served: Tenant | undefined): readonly Tenant[] {
  const sorted = [...tenants].sort((one, other) => one - other)
  if (served === undefined) return sorted
  return [...sorted.filter((one) => one > served), ...sorted.filter((one) => one <= served)]
}

const handsLeft = ({ busy }: Lane): number =>
  MOST_AT_ONCE - [...busy.values()].reduce((sum, { hands }) => sum + hands, 0)

async function startFor<T extends Due>(
  lane: Lane,
  tenant: Tenant,
  { due, drive }: DueWork<T>,
): Promise<readonly Promise<Done>[]> {
  const share = lane.busy.get(tenant) ?? { held: new Set(), hands: 0 }
  const hands = Math.min(handsLeft(lane), MOST_OF_ONE - share.hands)
  if (hands <= 0) return []
  const queue = (await due(tenant)).filter(({ id }) => !share.held.has(id))
  if (queue.length === 0) return []
  lane.busy.set(tenant, share)
  lane.served = tenant
  for (const { id } of queue) share.held.add(id)
  return Array.from({ length: Math.min(hands, queue.length) }, async () => {
    share.hands += 1
    try {
      return await workThrough(queue, lane, share, drive)
    } finally {
      share.hands -= 1
      if (share.hands === 0 && lane.busy.get(tenant) === share) lane.busy.delete(tenant)
    }
  })
}

type Done = { readonly count: number; readonly failures: readonly unknown[] }

/** One pair of hands: takes the next thing until none is left, or gives the rest back where others wait for hands. */
async function workThrough<T extends Due>(
  queue: T[],
  lane: Lane,
  { held }: Share,
  drive: (one: T) => Promise<boolean>,
): Promise<Done> {
  const failures: unknown[] = []
  let count = 0
  for (let one = queue.shift(); one; one = queue.shift()) {
    try {
      if (await drive(one)) count += 1
    } catch (error) {
      failures.push(error)
    }
    held.delete(one.id)
    if (lane.waiting && handsLeft(lane) <= 0) for (const { id } of queue.splice(0)) held.delete(id)
  }
  return { count, failures }
}
