import type { Storage } from '../../src/storage/storage.ts'
import { type Books, makeBooks } from '../books.ts'
import { type MemoryStorage, memoryStorage } from '../memory-storage.ts'
import { SILENT } from '../post.ts'
import type { Provider } from '../provider.ts'
import { EVENT_RULES } from '../rules/events.ts'
import { MONEY_RULES } from '../rules/money.ts'
import { STATE_RULES } from '../rules/states.ts'
import { judge, type Rule, type Scene } from '../rules.ts'
import { inOneOrder } from '../storage-port.ts'
import { spell } from '../trace.ts'
import { Violation, type World } from '../world.ts'
import type { Command } from './history.ts'
import { difference, type Rows, rowsIn } from './rows.ts'

/** Nobody receives anything here, and nobody's clock is wrong. */
const RULES: readonly Rule[] = [...STATE_RULES, ...MONEY_RULES, ...EVENT_RULES].filter(({ id }) => id !== 'I-16')
const MOST_REPLAYS = 2_000

/**
 * Herlihy and Wing's question (1990): is there an order of the commands, one at a time and none before another that was
 * over when it was called, in which each gives the answer that it gave, and which ends in the rows that are there? The
 * stand-in is asked, for it does one command at a time and answers as Postgres does on one connection. The rules of
 * the simulator are asked after each commit of that order.
 */
export async function findOrder(
  commands: readonly Command[],
  rows: Rows,
  world: World,
  provider: Provider,
): Promise<Violation | undefined> {
  let replays = 0
  let best = { done: 0, says: 'nothing fits' }

  async function extend(done: readonly Command[], from: Replay): Promise<Replay | undefined> {
    if (done.length === commands.length) return judgeEnd(from)
    const left = commands.filter(({ calledAt }) => done.every((one) => one.calledAt !== calledAt))
    const over = Math.min(...left.map(({ answeredAt }) => answeredAt))
    const next = left.filter(({ calledAt }) => calledAt < over).sort((a, b) => a.answeredAt - b.answeredAt)
    let replay: Replay | undefined = from
    for (const command of next.flatMap((one) => readings(one, commands))) {
      if (++replays > MOST_REPLAYS) return undefined
      replay ??= await replayed(done)
      const answer = await replay.perform(command)
      const found = answer === command.answer ? await extend([...done, command], replay) : undefined
      if (found) return found
      if (answer !== command.answer) blame(done.length, `${tellOf(command)}, alone it would be ${answer}`)
      // It has changed what the next is asked of.
      replay = undefined
    }
    return undefined
  }

  function judgeEnd(replay: Replay): Replay | undefined {
    const { here, there } = difference(rows, rowsIn(replay.memory.tables))
    if (here.length + there.length === 0) return replay
    blame(commands.length, `stored: ${here.join('; ')}\n  one at a time: ${there.join('; ')}`)
    return undefined
  }

  function blame(done: number, says: string): void {
    if (done >= best.done) best = { done, says: says.slice(0, 2_000) }
  }

  async function replayed(done: readonly Command[]): Promise<Replay> {
    const replay = makeReplay(world, provider)
    for (const command of done) await replay.perform(command)
    return replay
  }

  const found = await extend([], makeReplay(world, provider))
  return found ? found.violation() : new Violation('one at a time', best.says)
}

const tellOf = ({ who, name, answer }: Command): string => `${who} ${name} answered ${answer}`

/**
 * What a command may be taken for. A claim passes over what another claim looks at in that moment, also what the other
 * leaves alone in the end: it may find less than there is, and the next one finds the rest.
 */
function readings(command: Command, commands: readonly Command[]): readonly Command[] {
  const { name, rest, calledAt, answeredAt, found } = command
  if (name !== 'claimDeliveries') return [command]
  const meets = commands.some(
    (other) => other !== command && other.name === name && other.calledAt < answeredAt && calledAt < other.answeredAt,
  )
  const [tenant, claim] = rest
  return meets ? [command, { ...command, rest: [tenant, { ...(claim as object), limit: found }] }] : [command]
}

type Replay = {
  readonly memory: MemoryStorage
  perform(command: Command): Promise<string>
  violation(): Violation | undefined
}

function makeReplay(world: World, provider: Provider): Replay {
  const books: Books = makeBooks()
  const startMs = world.wallMs() - world.nowMs()
  let broken: Violation | undefined
  let nowMs = 0
  const scene: Scene = {
    world: {
      ...world,
      nowMs: () => nowMs,
      wallMs: () => startMs + nowMs,
      failure: () => broken,
      fail: (violation) => {
        broken ??= violation
      },
    },
    books,
    provider,
    receivers: [],
    post: SILENT,
    answers: [],
  }
  const memory = memoryStorage((changes) => {
    const commit = books.apply(changes)
    judge(scene, RULES, (rule) => rule.onCommit?.(scene, commit))
  })
  return {
    memory,
    violation() {
      judge(scene, RULES, (rule) => rule.onStep?.(scene))
      return broken
    },
    async perform({ name, rest, atMs }) {
      nowMs = atMs
      const run = memory.storage[name as keyof Storage] as (...all: readonly unknown[]) => Promise<unknown>
      try {
        return spell(inOneOrder(name, await run(...rest)))
      } catch (error) {
        return spell(error)
      }
    },
  }
}
