import type { Tenant } from '../core/ids.ts'
import type { FeedRead } from '../storage/numbered-events.ts'
import type { Context } from './call.ts'

export type FeedPage =
  | ({ readonly is: 'page' } & FeedRead)
  /** No event has the number asked for yet: a typing error, or a database that was put back to an earlier day. */
  | { readonly is: 'beyond'; readonly last: bigint }
  /** What comes next is not kept any more: `first` is the oldest that is. */
  | { readonly is: 'not_kept'; readonly first: bigint }

/**
 * The events after a number, without a gap: what is returned begins at the very next one and leaves none out, or this says
 * that it cannot.
 */
export async function readFeed(
  { storage }: Pick<Context, 'storage'>,
  tenant: Tenant,
  after: bigint,
  limit: number,
): Promise<FeedPage> {
  const read = await storage.readNumbered(tenant, after, limit)
  if (after > read.last) return { is: 'beyond', last: read.last }
  const [first] = read.entries
  if (first ? first.number !== after + 1n : after < read.last) {
    return { is: 'not_kept', first: first?.number ?? read.last + 1n }
  }
  const hole = read.entries.findIndex(({ number }, at) => number !== after + 1n + BigInt(at))
  if (hole >= 0) throw new Error(`the event log has a hole before ${read.entries[hole]?.number}`)
  return { is: 'page', ...read }
}
