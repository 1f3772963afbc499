import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { connect } from '../../src/storage/connect.ts'
import { testDatabase } from '../support/database.ts'
import { DAY_MS, GONE_DAYS, HOUR_MS, LOST_DAYS, POISON } from './endpoints.ts'
import { liveMonth, type Month, type Place } from './month.ts'

const db = await testDatabase(import.meta.url)
/** What a crash of the machine would cost is not the question here. */
const sql = connect(`${db.url}${db.url.includes('?') ? '&' : '?'}synchronous_commit=off`, { max: 1 })
after(async () => {
  await sql.end({ timeout: 5 })
  await db.drop()
})

test('a month of good, slow, dead, flapping, gone and hostile endpoints: nothing lost, order kept, nobody starved', async (t) => {
  const month = await liveMonth(sql, 1)
  const judged = month.places.map((place) => ({ place, ...judge(month, place) }))
  for (const { place, tries, arrived, told, p50Ms, mostMs } of judged) {
    const name = place.kind.padEnd(8)
    t.diagnostic(`${name} ${tries} calls, ${arrived} of ${told} taken, median ${p50Ms} ms, at most ${mostMs} ms`)
  }
  t.diagnostic(`${month.days} days, the sender died ${month.deaths} times`)
  assert.deepEqual(month.faults, [])
  for (const { place, arrived, told, unordered, gaps } of judged) {
    assert.deepEqual(unordered, [], `${place.kind}: an event before an earlier one of its payment`)
    if (!RECOVERS.includes(place.kind)) continue
    assert.equal(arrived, told, `${place.kind}: every event arrives`)
    assert.deepEqual(gaps, [], `${place.kind}: a delivery names one before it that never came`)
  }
  for (const { place, mostMs } of judged) {
    const { kind } = place
    if (kind === 'good') assert.ok(mostMs < 10_000, `a good endpoint waited ${mostMs} ms`)
    if (kind === 'slow') assert.ok(mostMs < 5 * 60_000, `a slow endpoint waited ${mostMs} ms`)
  }
  pickyHoldsBackOneRoot(month)
  lostGetsItsBacklog(month)
  goneIsLeftAlone(month)
  await theDeadAreProbedAndGivenUp(month)
})

/** Those that take everything in the end. */
const RECOVERS = ['good', 'slow', 'flapping', 'lost', 'gone', 'hostile']

function judge(month: Month, { tenant, calls }: Place) {
  const told = month.told.get(tenant) ?? []
  const first = new Map<number, number>()
  for (const { number, atMs, taken } of calls) if (taken && !first.has(number)) first.set(number, atMs)
  const numbers = [...first].sort(([a], [b]) => a - b)
  const waited = numbers.map(([number, atMs]) => atMs - (told[number - 1]?.atMs ?? Number.NaN)).sort((a, b) => a - b)
  const known = new Set(calls.map(({ number }) => number)).add(0)
  return {
    tries: calls.length,
    arrived: first.size,
    told: told.length,
    p50Ms: waited[Math.floor(waited.length / 2)] ?? 0,
    mostMs: waited.at(-1) ?? 0,
    unordered: numbers.filter(([number, atMs]) =>
      numbers.some(([later, at]) => later > number && rootOf(later) === rootOf(number) && at < atMs),
    ),
    gaps: calls.filter(({ number, previous }) => previous >= number || !known.has(previous)),
  }

  function rootOf(number: number): number | undefined {
    return told[number - 1]?.root
  }
}

function pickyHoldsBackOneRoot(month: Month): void {
  const place = placeOf(month, 'picky')
  const told = month.told.get(place.tenant) ?? []
  const taken = new Map(place.calls.filter((call) => call.taken).map((call) => [call.number, call.atMs]))
  for (const [at, { root, atMs }] of told.entries()) {
    const arrivedMs = taken.get(at + 1)
    if (root === POISON) assert.equal(arrivedMs, undefined)
    else assert.ok(arrivedMs !== undefined && arrivedMs - atMs < 10_000, `number ${at + 1} waited for another payment`)
  }
}

/** All that happened in twenty days of silence comes within the two hours after them, oldest first as it drains. */
function lostGetsItsBacklog(month: Month): void {
  const place = placeOf(month, 'lost')
  const backMs = LOST_DAYS[1] * DAY_MS
  const told = month.told.get(place.tenant) ?? []
  const drained = place.calls.filter(
    ({ number, taken, atMs }) => taken && atMs >= backMs && (told[number - 1]?.atMs ?? 0) < backMs,
  )
  assert.ok(drained.length > 10, 'there was a backlog')
  assert.ok(drained.every(({ atMs }) => atMs < backMs + 2 * HOUR_MS))
  // What found the endpoint recovered comes first, whatever its number, and with it what it had held back.
  const root = told[(drained[0]?.number ?? 0) - 1]?.root
  const order = drained.map(({ number }) => number).filter((number) => told[number - 1]?.root !== root)
  const inversions = order.filter((number, at) => order.slice(0, at).some((earlier) => earlier > number + 4))
  // What is due by itself just then keeps its time.
  assert.ok(inversions.length <= 2, `${inversions} came before much earlier ones`)
}

/** One call says that it is gone; no other comes until the shop enables it, and nothing of the time between is lost. */
function goneIsLeftAlone(month: Month): void {
  const { calls } = placeOf(month, 'gone')
  const [from, to] = [GONE_DAYS[0] * DAY_MS, (GONE_DAYS[1] + 1) * DAY_MS]
  const meanwhile = calls.filter(({ atMs }) => atMs >= from && atMs < to)
  // What was under way with the first one hears it as well.
  assert.ok(meanwhile.length >= 1 && meanwhile.length <= 4, `${meanwhile.length} calls while it was gone`)
  assert.ok(meanwhile.every(({ taken }) => !taken))
}

async function theDeadAreProbedAndGivenUp(month: Month): Promise<void> {
  const { id } = placeOf(month, 'dead')
  const kinds = await sql<{ kind: string; count: number }[]>`
    select kind, count(*)::int4 as count from delivery_tries where endpoint_id = ${id} group by kind`
  const count = (kind: string) => kinds.find((one) => one.kind === kind)?.count ?? 0
  const hours = month.days * 24
  assert.ok(count('probe') > hours / 2 && count('probe') <= hours, `${count('probe')} probes in ${hours} hours`)
  const states = await sql<{ state: string; old: boolean; most: number; count: number }[]>`
    select state, told_at < ${new Date(Date.UTC(2026, 0, 2, 3, 4, 5) + (month.days - 30.3) * DAY_MS)} as old,
      max(tries)::int4 as most, count(*)::int4 as count
    from deliveries where endpoint_id = ${id} group by 1, 2`
  for (const { state, old } of states) assert.equal(state, old ? 'failed' : 'pending')
  assert.ok(states.some(({ old }) => old))
  const [given] = await sql<{ last_error: string }[]>`
    select last_error from deliveries where endpoint_id = ${id} and state = 'failed' limit 1`
  assert.equal(given?.last_error, 'given up after 30 days: the connection was refused')
}

function placeOf(month: Month, kind: Place['kind']): Place {
  const place = month.places.find((one) => one.kind === kind)
  assert.ok(place)
  return place
}
