import assert from 'node:assert/strict'
import { after, beforeEach, test } from 'node:test'
import { FORM, SCRIPT, startPageTill } from '../../test/support/page-till.ts'
import { bankBooks } from '../../test/support/paying.ts'
import type { Fault } from '../sandbox-bank/faults.ts'
import type { Storage } from '../storage/storage.ts'

/** Every command of the storage that the page gave, by name. */
const asked: string[] = []
let trouble: Fault | undefined
const page = await startPageTill(import.meta.url, {
  faults: async (point, { method }) => (point === 'before_book' && method === 'POST' ? trouble : undefined),
  desk: (desk) => ({ ...desk, payments: { ...desk.payments, storage: counted(desk.payments.storage) } }),
})
after(page.stop)
const { till } = page
beforeEach(() => {
  trouble = undefined
})

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
  trouble = { delayMs: 6_000 }
  // Answered after three seconds with the waiting screen; until then the POST itself looks as well.
  assert.equal((await page.post(`${path}/pay`, form)).status, 303)
  await costs('elsewhere')
  while ((await poll()) !== 'paid') await till.env.sleep(100)
  await costs('paid')
})

test('a hundred clicks on a form that is being paid share the reads of one, and are told the same', async () => {
  const { path, form } = await filled()
  trouble = { delayMs: 1_500 }
  const paying = page.post(`${path}/pay`, form)
  while ((await till.db.sql`select 1 from sessions where state = 'processing'`).length === 0) {}
  asked.splice(0)
  const clicks = await Promise.all(
    Array.from({ length: 100 }, (_, at) => page.post(`${path}/pay`, form, at % 2 ? SCRIPT : FORM)),
  )
  const first = (await paying).headers.get('location')
  for (const click of clicks) {
    const told = click.status === 303 ? click.headers.get('location') : ((await click.json()) as { next: string }).next
    assert.equal(told, first)
  }
  const reads = asked.filter((name) => name === 'findVisit').length
  // One for each click to find the session by its address, and then those of the one who looks for all.
  assert.ok(reads <= 100 + 12, `${reads}`)
  assert.equal((await bankBooks(till)).filter(({ status }) => status === 'captured').length, 2)
})
