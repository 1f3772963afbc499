import type { Sql } from './env.ts'

/** The last of those who wait, by the books that they wait for. */
const queues = new WeakMap<Sql, Map<string, Promise<unknown>>>()

/**
 * Lets those who move the same money go one after the other, in the order in which they came. Waiting for the row's lock
 * instead takes a connection each, in no sure order, and ends with the five seconds that a statement may take: on slow
 * books the bank failed orders that the money allowed. Between processes of the bank the lock remains.
 */
export async function oneAtATime<T>(sql: Sql, authorization: string, work: () => Promise<T>): Promise<T> {
  const queue = queues.get(sql) ?? new Map<string, Promise<unknown>>()
  queues.set(sql, queue)
  const mine = (queue.get(authorization) ?? Promise.resolve()).then(work, work)
  queue.set(authorization, mine)
  try {
    return await mine
  } finally {
    if (queue.get(authorization) === mine) queue.delete(authorization)
  }
}
