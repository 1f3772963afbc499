import { QueueFull } from '../core/overload.ts'

type Waiting<Unit, Result> = {
  readonly unit: Unit
  readonly resolve: (result: Result) => void
  readonly reject: (error: unknown) => void
}

/**
 * Requests queue while at most two flushes are in flight; a flush takes all that wait and commits them in one
 * statement, and each request is answered after its commit. There is no timer: a lone request leaves at once, and
 * the batch grows by itself as the database gets slower.
 */
export class GroupCommit<Unit, Result> {
  readonly #flush: (units: readonly Unit[]) => Promise<readonly Result[]>
  readonly #blames: (error: unknown) => boolean
  readonly #maxBatch: number
  readonly #maxQueue: number
  #waiting: Waiting<Unit, Result>[] = []
  #inFlight = 0

  /**
   * @param flush commits all units or none, and answers in their order
   * @param blames whether an error is a unit's own fault; any other is everybody's, and nobody is tried again
   */
  constructor(
    flush: (units: readonly Unit[]) => Promise<readonly Result[]>,
    blames: (error: unknown) => boolean,
    limits: { readonly maxBatch: number; readonly maxQueue: number },
  ) {
    this.#flush = flush
    this.#blames = blames
    this.#maxBatch = limits.maxBatch
    this.#maxQueue = limits.maxQueue
  }

  add(unit: Unit): Promise<Result> {
    if (this.#waiting.length >= this.#maxQueue) return Promise.reject(new QueueFull())
    return new Promise<Result>((resolve, reject) => {
      this.#waiting.push({ unit, resolve, reject })
      this.#start()
    })
  }

  #start(): void {
    while (this.#inFlight < 2 && this.#waiting.length > 0) {
      const batch = this.#waiting.slice(0, this.#maxBatch)
      this.#waiting = this.#waiting.slice(this.#maxBatch)
      this.#inFlight += 1
      void this.#commit(batch).finally(() => {
        this.#inFlight -= 1
        this.#start()
      })
    }
  }

  /**
   * A batch that fails by a unit's fault is bisected, so that the bad one fails alone and the rest are committed. When
   * the database is away, or the answer to a commit was lost, trying each unit again would keep all others waiting.
   */
  async #commit(batch: readonly Waiting<Unit, Result>[]): Promise<void> {
    try {
      const results = await this.#flush(batch.map((entry) => entry.unit))
      for (const [index, entry] of batch.entries()) entry.resolve(results[index] as Result)
    } catch (error) {
      if (batch.length === 1 || !this.#blames(error)) {
        for (const entry of batch) entry.reject(error)
        return
      }
      const middle = Math.ceil(batch.length / 2)
      await this.#commit(batch.slice(0, middle))
      await this.#commit(batch.slice(middle))
    }
  }
}
