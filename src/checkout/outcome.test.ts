import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { FORM, SCRIPT, startPageTill } from '../../test/support/page-till.ts'
import { bankBooks } from '../../test/support/paying.ts'
import { until } from '../../test/support/until.ts'
import type { Storage } from '../storage/storage.ts'

/** Every command of the storage that the page gave, by name. */
const asked: string[] = []
/** What holds the bank back. */
let held: PromiseWithResolvers<undefined> | undefined
/** The page waits, and looks, by this clock. */
const clock = testEnv()
const page = await startPageTill(import.meta.url, {
  faults: async (point, { method }) => (point === 'before_book' && method === 'POST' ? held?.promise : undefined),
  desk: ({ payments, ...desk }) => {
    const env = { ...payments.env, sleep: clock.sleep, monotonicMs: clock.monotonicMs }
    return { ...desk, payments: { ...payments, env, storage: counted(payments.storage) } }
  },
})
after(() => {
  held?.resolve(undefined)
  return page.stop()
})
const { till } = page

function counted(storage: Storage): Storage {
  return new Proxy(storage, {
    get(target, name) {
      asked.push(String(name))
      return Reflect.get(target, name) as unknown
    },
  })
}

async function filled() {
  const session = await till.openSession()
  const form = new URLSearchParams({
    attempt: await page.attemptOf(session),
    email: 'jenny@example.com',
    cardNumber: '4242424242424242',
    cardExpiry: '12 / 34',
    cardCvc: '123',
    billingName: 'Jenny Rosen',
  })
  return { path: page.pathOf(session), form: form.toString() }
}

test('a poll of the page is one read, whatever the session is at', async () => {
  const { path, form } = await filled()
  const poll = async (): Promise<string> => {
    const answer = await fetch(`${page.url}${path}/state`)
    return ((await answer.json()) as { readonly screen: string }).screen
  }
  const costs = async (screen: string): Promise<void> => {
    asked.splice(0)
    assert.equal(await poll(), screen)
    assert.deepEqual(asked, ['findVisit'])
  }
  await costs('form')
  held = Promise.withResolvers()
  const paying = page.post(`${path}/pay`, form)
  await until('the POST waits for the bank', () => clock.sleeping() === 1)
  await costs('elsewhere')
  // Answered after three seconds, with the waiting screen.
  await clock.advance(3_000)
  const waiting = (await paying).headers.get('location') ?? ''
  assert.equal(waiting, `${page.url}${path}?try=1&wait=1`)
  await costs('elsewhere')
  held.resolve(undefined)
  await until('it is paid', async () => (await poll()) === 'paid')
  await costs('paid')
  const arrived = await fetch(waiting, { redirect: 'manual' })
  assert.match(
    arrived.headers.get('location') ?? '',
    /^https:\/\/shop\.example\/done/,
    'nobody is left to wait for what is over',
  )
})

test('a hundred clicks on a form that is being paid share the reads of one, and are told the same', async () => {
  const { path, form } = await filled()
  held = Promise.withResolvers()
  const paying = page.post(`${path}/pay`, form)
  await until('the POST waits for the bank', () => clock.sleeping() === 1)
  asked.splice(0)
  const reads = () => asked.filter((name) => name === 'findVisit').length
  const clicks = Array.from({ length: 100 }, (_, at) => page.post(`${path}/pay`, form, at % 2 ? SCRIPT : FORM))
  await until('every click has been found a session', () => reads() === 100)
  const looks = [100, 150, 250]
  for (const [at, ms] of looks.entries()) {
    await until('one of them waits to look again', () => clock.sleeping() === 2)
    await clock.advance(ms)
    await until('it looks', () => reads() === 100 + at + 1)
  }
  await until('it waits to look again', () => clock.sleeping() === 2)
  held.resolve(undefined)
  const first = (await paying).headers.get('location')
  await clock.advance(400)
  for (const click of await Promise.all(clicks)) {
    const told = click.status === 303 ? click.headers.get('location') : ((await click.json()) as { next: string }).next
    assert.equal(told, first)
  }
  // One for each click to find the session by its address, those of the one who looks for all, and that of the POST.
  assert.equal(reads(), 100 + looks.length + 1 + 1)
  assert.equal((await bankBooks(till)).filter(({ status }) => status === 'captured').length, 2)
})
