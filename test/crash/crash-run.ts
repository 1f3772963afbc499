import assert from 'node:assert/strict'
import { setTimeout as pause } from 'node:timers/promises'
import Stripe from 'stripe'
import { makeRandom, type Random } from '../../sim/random.ts'
import { EXPLICIT_EVENT_TYPES } from '../../src/core/event.ts'
import { nameOf, type Tenant, type Uuid } from '../../src/core/ids.ts'
import { verify } from '../../src/flows/verify/verify.ts'
import { openBooks } from '../../src/storage/books.ts'
import type { Sql } from '../../src/storage/connect.ts'
import type { DeathAt } from './opentill.ts'
import { newProduct, type Product } from './product.ts'
import { type Receiver, startReceiver } from './receiver.ts'
import { type Confirmed, drawOrder, nothingConfirmed, oneOrder, PLAIN, type Wire } from './shop.ts'

export type CrashRun = {
  readonly seed: number
  readonly rounds: number
  /** Told what happens, line by line. */
  readonly say: (line: string) => void
  /** Shown what was found right, to see that the judge would have seen it wrong. */
  readonly afterwards?: (scene: Scene) => Promise<void>
}
export type Scene = {
  readonly product: Product
  readonly confirmed: Confirmed
  readonly taken: string[]
  judge(): Promise<Survived>
}
export type Survived = {
  readonly sessions: number
  readonly paid: number
  readonly orders: number
  readonly events: number
}

/** So many shoppers and shops are always at it. */
const SHOPS = 4

/**
 * Kills the server, the database or both with SIGKILL again and again while real payments, captures, refunds and
 * deliveries run; then waits until nothing is left to do and looks at what is there. A killed process leaves the
 * system's page cache behind, so this says nothing about a power cut.
 * @throws when anything confirmed was lost, the books differ, or an event did not arrive in its place
 */
export async function crashRun({ seed, rounds, say, afterwards }: CrashRun): Promise<Survived> {
  const product = await newProduct()
  const receiver = await startReceiver(makeRandom(seed, 'receiver'))
  const confirmed = nothingConfirmed()
  const ended = new AbortController()
  try {
    await product.start()
    await listen(product, receiver)
    const wire = { url: product.url, secretKey: product.secretKey(), signal: ended.signal }
    const shops = Array.from({ length: SHOPS }, (_, shop) => keepShop(wire, seed, shop, confirmed))
    const random = makeRandom(seed, 'kills')
    for (let round = 0; round < rounds; round++) {
      await traffic(confirmed, 4)
      say(`round ${round + 1} of ${rounds}: ${await kill(product, receiver, random, round)}`)
      await product.start(round + 1 < rounds ? deathOf(random, round + 1) : {})
      await booksAreRight(product)
    }
    await traffic(confirmed, 8)
    // Whatever became of the others: one is paid that nobody disturbs, and not given back.
    await undisturbed(wire, confirmed)
    ended.abort()
    await Promise.allSettled(shops)
    await quiet(product, say)
    const judge = () => judgeAll(product, wire, receiver, confirmed)
    const survived = await judge()
    await afterwards?.({ product, confirmed, taken: receiver.taken, judge })
    return survived
  } finally {
    ended.abort()
    await product.end()
    receiver.stop()
  }
}

async function listen({ url, secretKey }: Product, receiver: Receiver): Promise<void> {
  const { hostname, port } = new URL(url)
  const stripe = new Stripe(secretKey(), { host: hostname, port, protocol: 'http' })
  const made = await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })
  receiver.secret = made.secret ?? ''
}

/** One order after the other until the run is over; a failed one is only of interest when it says something untrue. */
async function keepShop(wire: Wire, seed: number, shop: number, confirmed: Confirmed): Promise<void> {
  for (let order = 0; !wire.signal.aborted; order++) {
    const name = `${seed}-${shop}-${order}`
    await oneOrder(wire, name, drawOrder(makeRandom(seed, name)), confirmed)
  }
}

async function undisturbed(wire: Wire, confirmed: Confirmed): Promise<void> {
  const paid = nothingConfirmed()
  for (let order = 0; paid.paid.size === 0; order++) await oneOrder(wire, `last-${order}`, PLAIN, paid)
  for (const id of paid.sessions) confirmed.sessions.add(id)
  for (const id of paid.paid) confirmed.paid.add(id)
}

/** Waits until so many more things have been confirmed, or the shops seem to be stuck. */
async function traffic(confirmed: Confirmed, things: number): Promise<void> {
  const count = () => Object.values(confirmed).reduce((sum, { size }) => sum + size, 0)
  const enough = count() + things
  for (let tries = 0; tries < 100 && count() < enough; tries++) await pause(100)
}

const POINTS = ['before_book', 'after_book', 'before_answer'] as const
const ROUTES = ['', '/:id/captures', '/:id/refunds', '/:id/voids'].map((path) => `/v1/authorizations${path}`)
const VICTIMS = ['server', 'database', 'both'] as const

/** Every third death is at a named point of the bank, each point and route in its turn; the others come at any moment. */
function deathOf(random: Random, round: number): { readonly deathAt: DeathAt } | undefined {
  if (round % 3 !== 2) return undefined
  const turn = Math.floor(round / 3) + random.between(0, 11)
  const [point = 'after_book', route = ''] = [POINTS[turn % 3], ROUTES[turn % 4]]
  return { deathAt: { point, route, nth: random.between(1, 2), victim: random.pick(VICTIMS) } }
}

async function kill(product: Product, receiver: Receiver, random: Random, round: number): Promise<string> {
  // Only a death that was ordered for this round comes by itself.
  if (round % 3 === 2 && (await product.died(6_000))) return product.lastWords()
  // Between the claim of a delivery and its bytes, or between its bytes and what is written down of them, in turn.
  if (round % 3 === 0) {
    const point = round % 6 === 0 ? 'received' : 'connected'
    const came = await receiver.ambush(point, () => void product.killServer(), 6_000)
    await product.killServer()
    return came ? `the server, a delivery ${point}` : 'the server, without a delivery'
  }
  const afterMs = random.between(0, 1_500)
  await pause(afterMs)
  if (round % 3 === 1) {
    await product.killDatabase()
    return `the database after ${afterMs} ms`
  }
  await product.killServer()
  return `the server after ${afterMs} ms`
}

/** Our own books are right at every moment, also while much is undecided. */
async function booksAreRight(product: Product): Promise<void> {
  const sql = await product.connect()
  try {
    const verified = await verify({ env: { monotonicMs: () => performance.now() }, books: openBooks(sql) })
    assert.ok(verified.ok)
    assert.deepEqual(verified.findings, [])
  } finally {
    await sql.end({ timeout: 5 })
  }
}

/** Half a day of the product's time, and some minutes of ours, which a busy machine needs. */
const MOST_TURNS = 180

/** Moves the clock on until every order has its outcome and every event has arrived. */
async function quiet(product: Product, say: (line: string) => void): Promise<void> {
  const sql = await product.connect()
  try {
    for (let turns = 0; turns < MOST_TURNS; turns++) {
      const left = await unfinished(sql)
      if (Object.values(left).every((count) => count === 0)) return
      if (turns % 5 === 0) say(`waiting: ${JSON.stringify(left)}`)
      product.forward(4 * 60_000)
      await pause(1_100)
    }
    throw new Error(`it never came to rest: ${JSON.stringify(await unfinished(sql))}`)
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function unfinished(sql: Sql): Promise<Readonly<Record<string, number>>> {
  const [row] = await sql<Record<string, number>[]>`
    select
      (select count(*)::int4 from operations where state in ('intent', 'unknown')) as orders,
      (select count(*)::int4 from refunds where state in ('requested', 'pending')) as refunds,
      (select count(*)::int4 from event_queue) as unnumbered,
      (select count(*)::int4 from deliveries where state = 'pending') as deliveries`
  return row ?? {}
}

async function judgeAll(product: Product, wire: Wire, receiver: Receiver, confirmed: Confirmed): Promise<Survived> {
  const verified = await product.command('verify', '--json')
  assert.equal(verified.code, 0, verified.err + verified.out)
  await nothingWasLost(wire, confirmed)
  const sql = await product.connect()
  try {
    const events = await everyEventArrived(sql, receiver)
    const [row] = await sql<{ orders: number; review: number }[]>`
      select count(*)::int4 as orders, count(*) filter (where state = 'needs_review')::int4 as review from operations`
    assert.equal(row?.review, 0)
    return { sessions: confirmed.sessions.size, paid: confirmed.paid.size, orders: row?.orders ?? 0, events }
  } finally {
    await sql.end({ timeout: 5 })
  }
}

async function nothingWasLost({ url, secretKey }: Wire, confirmed: Confirmed): Promise<void> {
  const read = async (path: string) => {
    const answer = await fetch(`${url}/v1/${path}`, { headers: { authorization: `Bearer ${secretKey}` } })
    assert.equal(answer.status, 200, `${path} was confirmed and is not there`)
    return (await answer.json()) as Readonly<Record<string, unknown>>
  }
  for (const id of confirmed.sessions) {
    const { status } = await read(`checkout/sessions/${id}`)
    if (confirmed.paid.has(id)) assert.equal(status, 'complete', `${id} was paid`)
  }
  for (const [id, amount] of confirmed.captured) {
    const { status, amount_received: received } = await read(`payment_intents/${id}`)
    assert.deepEqual([status, received], ['succeeded', amount], `${id} was captured`)
  }
  for (const id of confirmed.canceled) assert.equal((await read(`payment_intents/${id}`)).status, 'canceled')
  for (const [id, amount] of confirmed.refunds) assert.equal((await read(`refunds/${id}`)).amount, amount)
}

/** At least once, and those of one object in the order of their numbers. */
async function everyEventArrived(sql: Sql, receiver: Receiver): Promise<number> {
  const told = await sql<{ tenant: Tenant; id: Uuid; root: Uuid; type: string }[]>`
    select e.tenant, e.id, e.root, e.type
    from event_log l join events e on e.tenant = l.tenant and e.id = l.event_id
    where e.type <> all(${[...EXPLICIT_EVENT_TYPES]}::text[])
    order by l.number`
  const places = new Map(receiver.taken.map((name, place) => [name, place]))
  const last = new Map<Uuid, number>()
  for (const { tenant, id, root, type } of told) {
    const place = places.get(nameOf('event', tenant, id))
    assert.notEqual(place, undefined, `${type} ${id} never arrived`)
    assert.ok((place ?? 0) > (last.get(root) ?? -1), `${type} ${id} arrived before an earlier event of ${root}`)
    last.set(root, place ?? 0)
  }
  assert.equal(receiver.forged(), 0, 'a delivery with a wrong signature')
  return told.length
}
