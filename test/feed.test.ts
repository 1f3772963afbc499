import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { testDatabase } from './support/database.ts'
import { openStream } from './support/event-stream.ts'
import { temporaryFolder } from './support/folder.ts'
import { stripeFor } from './support/opentill.ts'
import { ROOT } from './support/source.ts'
import { until } from './support/until.ts'

/** Two servers on one database, as behind a load balancer: events are told and numbered in both. */
const main = await testDatabase(import.meta.url)
const bank = await testDatabase(import.meta.url, { migrated: false })
const folders = [temporaryFolder(), temporaryFolder()] as const
const started: ChildProcess[] = []
after(async () => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL')
  await main.drop()
  await bank.drop()
  for (const folder of folders) rmSync(folder, { recursive: true, force: true })
})

type Server = { readonly url: string; readonly child: ChildProcess }

async function start(folder: string, port = '0'): Promise<Server> {
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      DATABASE_URL: main.url,
      OPENTILL_BANK_DATABASE_URL: bank.url,
      OPENTILL_DATA_DIR: folder,
      OPENTILL_PORT: port,
      OPENTILL_BANK_PORT: '0',
      OPENTILL_STORE_PORT: '0',
    },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  started.push(child)
  let out = ''
  for await (const chunk of child.stdout ?? []) {
    out += chunk
    const url = /API and payment page\s+(http:\/\/\S+)/.exec(out)?.[1]
    if (url !== undefined) return { url, child }
  }
  throw new Error(`the server did not start: ${out}`)
}

const first = await start(folders[0])
const second = await start(folders[1])
const keys = readFileSync(join(folders[0], 'dev-keys.env'), 'utf8')
const key = /^OPENTILL_SECRET_KEY=(\S+)$/m.exec(keys)?.[1] ?? ''

type Feed = { readonly data: readonly { number: number; event: { id: string } }[]; readonly next_after: number }
type Seen = { readonly number: number; readonly id: string }[]

/** Reads on by long polls until `enough`, at whichever server answers; what breaks is asked again. */
async function follow(urls: readonly string[], enough: () => number | undefined): Promise<Seen> {
  const seen: Seen = []
  for (let turn = 0, next = 0; next < (enough() ?? Number.POSITIVE_INFINITY); turn++) {
    const url = `${urls[turn % urls.length]}/v1/feed?after=${next}&wait=1&limit=${1 + (turn % 7)}`
    const page = await fetch(url, { headers: { authorization: `Bearer ${key}` } })
      .then((reply) => reply.json() as Promise<Feed>)
      .catch(() => undefined)
    if (!page) await pause(50)
    for (const { number, event } of page?.data ?? []) seen.push({ number, id: event.id })
    next = page?.next_after ?? next
  }
  return seen
}

/** The same over streams: each break resumes by the last id. */
async function listen(url: string, enough: () => number | undefined): Promise<Seen> {
  const seen: Seen = []
  while ((seen.at(-1)?.number ?? 0) < (enough() ?? Number.POSITIVE_INFINITY)) {
    const last = seen.at(-1)?.number
    const headers: Record<string, string> = last === undefined ? {} : { 'last-event-id': String(last) }
    const stream = await openStream(`${url}/v1/feed`, key, headers).catch(() => pause(50).then(() => undefined))
    while (stream && (seen.at(-1)?.number ?? 0) < (enough() ?? Number.POSITIVE_INFINITY)) {
      const message = await stream.next()
      if (!message) break
      const { number, event } = JSON.parse(message.data)
      assert.equal(message.id, String(number))
      seen.push({ number, id: event.id })
    }
    stream?.leave()
  }
  return seen
}

test('readers of two servers see every event once and in order, while both write and one is killed and comes back', async () => {
  const made: string[] = []
  let last: number | undefined
  const writer = async (url: string) => {
    const stripe = stripeFor(url, key)
    for (let at = 0; at < 12; at++) {
      const customer = await stripe.customers.create({ name: `${at}` }).catch(() => undefined)
      if (customer) made.push(customer.id)
      await pause(Math.random() * 20)
      if (customer && at % 3 === 0) await stripe.customers.update(customer.id, { name: 'x' }).catch(() => undefined)
    }
  }
  const readers = [
    follow([first.url], () => last),
    follow([second.url, first.url], () => last),
    listen(first.url, () => last),
    listen(second.url, () => last),
  ]
  const writers = [first.url, first.url, second.url, second.url].map(writer)
  while (made.length < 15) await pause(5)
  second.child.kill('SIGKILL')
  await once(second.child, 'exit')
  const again = await start(folders[1], new URL(second.url).port)
  await Promise.all([...writers, writer(again.url)])

  const waiting = async () => (await main.sql<{ count: number }[]>`select count(*)::int4 from event_queue`)[0]?.count
  while ((await waiting()) !== 0) await pause(20)
  const events = await main.sql<{ count: number }[]>`select count(*)::int4 from events`
  // A reader may have all of them already, and waits: one more event tells it that it is done.
  last = (events[0]?.count ?? 0) + 1
  await stripeFor(first.url, key).customers.create({ name: 'the last one' })
  assert.ok(last > 40, String(last))
  const numbers = Array.from({ length: last }, (_, at) => at + 1)
  const [one, ...others] = await Promise.all(readers)
  assert.deepEqual(
    one?.map(({ number }) => number),
    numbers,
  )
  assert.equal(new Set(one?.map(({ id }) => id)).size, last)
  for (const other of others) assert.deepEqual(other, one)
})

test('the sample of the page follows the feed', async () => {
  const page = readFileSync(join(ROOT, 'docs/events.md'), 'utf8')
  const [, code = ''] = /^```js\n\/\/ feed-follow\.mjs\n(.*?)^```$/ms.exec(page) ?? []
  const sample = spawn(process.execPath, ['--input-type=module', '--eval', code], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, OPENTILL_URL: first.url, OPENTILL_SECRET_KEY: key },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  started.push(sample)
  const lines = createInterface(sample.stdout)[Symbol.asyncIterator]()
  assert.match(String((await lines.next()).value), /^1 customer\.created cus_\w+$/)
})

test('a server that is told to stop is not held up by those who wait', async () => {
  const stream = await openStream(`${first.url}/v1/feed?after=1`, key)
  const { host, hostname, port } = new URL(first.url)
  const socket = connect(Number(port), hostname)
  let heard = ''
  socket.on('data', (chunk: Buffer) => {
    heard += chunk
  })
  const answers = () => heard.split('HTTP/1.1 200 ').length - 1
  const ask = (query: string) =>
    `GET /v1/feed?${query} HTTP/1.1\r\nHost: ${host}\r\nAuthorization: Bearer ${key}\r\n\r\n`
  // In one piece: when the first of them is answered, the one that waits has arrived as well.
  socket.write(ask('limit=1') + ask(`after=${await lastNumber()}&wait=30`))
  await until('the first is answered', () => answers() === 1)
  first.child.kill('SIGTERM')
  const [code] = await once(first.child, 'exit')
  assert.equal(code, 0)
  await until('the other one is answered', () => answers() === 2)
  while ((await stream.next()) !== undefined);
})

async function lastNumber(): Promise<number> {
  const reply = await fetch(`${first.url}/v1/feed?limit=1`, { headers: { authorization: `Bearer ${key}` } })
  return ((await reply.json()) as { last_number: number }).last_number
}
