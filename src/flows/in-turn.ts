import { QueueFull } from '../core/overload.ts'

/** Who waits for whom, per owner of the work: two programs in one process do not share a queue. */
const queues = new WeakMap<object, Map<string, { readonly last: Promise<unknown>; readonly length: number }>>()

const MOST_WAITING = 1_000

/**
 * Lets those who change the same thing go one after the other, in the order in which they came, so that none decides on
 * what another is changing. It saves retries within one process; what holds between processes is the compare-and-set.
 * @param owner whose work it is: usually the storage that it is done on
 * @throws QueueFull when too many wait already
 */
export async function inTurn<T>(owner: object, key: string, work: () => Promise<T>): Promise<T> {
  const queue = queues.get(owner) ?? new Map()
  queues.set(owner, queue)
  const { last, length } = queue.get(key) ?? { last: Promise.resolve(), length: 0 }
  if (length >= MOST_WAITING) throw new QueueFull()
  const mine = last.then(work, work)
  queue.set(key, { last: mine, length: length + 1 })
  try {
    return await mine
  } finally {
    const now = queue.get(key)
    if (now && now.length > 1) queue.set(key, { ...now, length: now.length - 1 })
    else queue.delete(key)
  }
}
