import type { Storage } from '../../src/storage/storage.ts'
import { inOneOrder } from '../storage-port.ts'
import { spell } from '../trace.ts'

/** One command of the storage: what it was asked, what it answered, and between which two moments it happened. */
export type Command = {
  readonly who: string
  readonly name: string
  readonly rest: readonly unknown[]
  readonly calledAt: number
  /** What the clocks of the world said. */
  readonly atMs: number
  answeredAt: number
  /** As `spell` has it, in the order that is the same everywhere. */
  answer: string
  /** How many it found, where it answered with a list. */
  found: number
}

export type History = {
  readonly commands: readonly Command[]
  /** Writes down what somebody asks of a storage. */
  listen(who: string, storage: Storage): Storage
}

/** Moments are counted, not measured: a command that was answered before another was called happened before it. */
export function makeHistory(nowMs: () => number): History {
  const commands: Command[] = []
  let moment = 0
  const call = async (who: string, storage: Storage, name: string, rest: readonly unknown[]): Promise<unknown> => {
    const command: Command = {
      who,
      name,
      rest,
      calledAt: ++moment,
      atMs: nowMs(),
      answeredAt: Number.POSITIVE_INFINITY,
      answer: '',
      found: 0,
    }
    commands.push(command)
    try {
      const run = storage[name as keyof Storage] as (...all: readonly unknown[]) => Promise<unknown>
      const answer = inOneOrder(name, await run(...rest))
      command.answer = spell(answer)
      if (Array.isArray(answer)) command.found = answer.length
      return answer
    } catch (error) {
      command.answer = spell(error)
      throw error
    } finally {
      command.answeredAt = ++moment
    }
  }
  return {
    commands,
    listen: (who, storage) =>
      new Proxy({} as Storage, {
        get: (_, name) =>
          name === 'then' ? undefined : (...rest: readonly unknown[]) => call(who, storage, String(name), rest),
      }),
  }
}
