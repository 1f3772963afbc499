import { connect, type Sql } from '../../src/storage/connect.ts'
import { openStorage } from '../../src/storage/storage.ts'
import { Violation } from '../world.ts'
import type { Choose, Decision } from './explore.ts'
import { makeHistory } from './history.ts'
import { BY_TURNS, type Lane, openLane } from './lane.ts'
import { findOrder } from './one-at-a-time.ts'
import type { Race } from './race.ts'
import { emptying, readRows } from './rows.ts'
import { makeHands, makeSteady } from './steady.ts'

export type Played = {
  readonly decisions: readonly Decision[]
  /** What happened, in order. */
  readonly story: readonly string[]
  readonly outcomes: readonly string[]
  /** How often somebody waited for a lock of another. */
  readonly waits: number
  readonly violation: Violation | undefined
}

/** One database, and a connection for each of those who race in it. */
export type Arena = {
  /** @param choose undefined: nobody is held back, and what happens at once happens at once */
  play(race: Race, choose: Choose | undefined): Promise<Played>
  close(): Promise<void>
}

const STUCK_MS = 60_000
const LANES = 4

export async function openArena(databaseUrl: string): Promise<Arena> {
  const url = `${databaseUrl}${databaseUrl.includes('?') ? '&' : '?'}synchronous_commit=off`
  let changed = (): void => {}
  const lanes = await Promise.all(Array.from({ length: LANES }, () => openLane(url, () => changed())))
  const stage = connect(url, BY_TURNS)
  // What a migration took away, its owner may give back: no row of an earlier race is left.
  await stage`grant update, delete on postings to current_user`

  async function play(race: Race, choose: Choose | undefined): Promise<Played> {
    await stage.unsafe(emptying())
    const steady = makeSteady()
    const history = makeHistory(steady.world.nowMs)
    const listened = (who: string, sql: Sql) => ({ sql, storage: history.listen(who, openStorage(sql)) })
    const set = makeHands(steady, listened('stage', stage), 0, async () => {})
    const racers = await race.prepare(set)
    const taking = lanes.slice(0, racers.length)
    const outcomes: string[] = racers.map(() => 'never ended')
    for (const lane of taking) lane.hold(choose !== undefined)
    for (const [index, { name, run }] of racers.entries()) {
      const lane = lanes[index]
      if (!lane) throw new Error('more racers than lanes')
      const hands = makeHands(steady, listened(name, lane.sql), index + 1, lane.turn)
      lane.start(
        run(hands).then(
          (outcome) => {
            outcomes[index] = outcome
          },
          (error: unknown) => {
            outcomes[index] = `threw ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
          },
        ),
      )
    }
    const course = await run(taking, choose)
    for (const lane of taking) lane.hold(false)
    const story = course.steps.map(({ lane, what }) => `${racers[lane]?.name}: ${what.slice(0, 160)}`)
    const threw = outcomes.findIndex((outcome) => outcome.startsWith('threw '))
    const wrong = race.judge?.(outcomes)
    const violation =
      threw >= 0
        ? new Violation('no surprises', `${racers[threw]?.name} ${outcomes[threw]}`)
        : wrong !== undefined
          ? new Violation('the race', wrong)
          : (steady.world.failure() ??
            (await findOrder(history.commands, await readRows(stage), steady.world, steady.provider)))
    return { decisions: course.decisions, story, outcomes, waits: course.waits, violation }
  }

  async function run(taking: readonly Lane[], choose: Choose = ([first = 0]) => first) {
    const decisions: Decision[] = []
    const steps: { readonly lane: number; readonly what: string }[] = []
    let waits = 0
    let before: number | undefined
    for (;;) {
      waits += await settle(taking)
      const ready = taking.flatMap((lane, index) => (lane.doing() === 'ready' ? [index] : []))
      const [only] = ready
      if (only === undefined) return { decisions, steps, waits }
      const chosen = ready.length === 1 ? only : choose(ready, before)
      if (ready.length > 1) decisions.push({ ready, chosen, before })
      before = chosen
      steps.push({ lane: chosen, what: taking[chosen]?.goOn() ?? '' })
    }
  }

  /** Until each is done, waits for us, or waits for a lock that another holds. @returns how many wait for a lock */
  async function settle(taking: readonly Lane[]): Promise<number> {
    const since = performance.now()
    for (;;) {
      const doing = taking.map((lane) => lane.doing())
      const underWay = taking.filter((_, index) => doing[index] === 'under way')
      if (underWay.length === 0 && !doing.includes('thinking')) return 0
      if (performance.now() - since > STUCK_MS) throw new Error(`the racers are stuck: ${doing.join()}`)
      if (await changes(underWay.length === 0 ? 50 : 1)) continue
      if (underWay.length === 0) continue
      const locked = await lockedOf(stage, taking)
      const now = taking.map((lane) => lane.doing())
      const resting = taking.every((lane, index) => {
        if (now[index] === 'under way') return locked.has(lane.pid)
        return now[index] !== 'thinking'
      })
      // When all wait for one another it is for Postgres to end it.
      if (resting && now.includes('ready')) return locked.size
    }
  }

  /** @returns whether something changed before so much time had passed */
  function changes(ms: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => resolve(false), ms)
      changed = () => {
        clearTimeout(timer)
        resolve(true)
      }
    })
  }

  return {
    play,
    async close() {
      for (const lane of lanes) await lane.close()
      await stage.end({ timeout: 5 })
    },
  }
}

/** Who waits for a lock that another of them holds: the lock manager's own word, no matter how quick a process wakes up. */
async function lockedOf(sql: Sql, lanes: readonly Lane[]): Promise<ReadonlySet<number>> {
  const pids = lanes.map(({ pid }) => pid)
  const rows = await sql<{ pid: number }[]>`
    select pid from unnest(${pids}::int4[]) pid where pg_blocking_pids(pid) && ${pids}::int4[]`
  return new Set(rows.map(({ pid }) => pid))
}
