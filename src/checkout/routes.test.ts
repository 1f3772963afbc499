import assert from 'node:assert/strict'
import { after, beforeEach, describe, test } from 'node:test'
import { FORM, SCRIPT, startPageTill } from '../../test/support/page-till.ts'
import { QueueFull } from '../core/overload.ts'
import type { Storage } from '../storage/storage.ts'

/** What the driver says of a database that is away. */
const AWAY = Object.assign(new Error('write CONNECTION_CLOSED 10.0.0.7:5432'), { code: 'CONNECTION_CLOSED' })
const DETAIL = 'relation "charges" has no room for 4242 4242 4242 4242'
/** What of ours breaks: the storage's function by its name, or the vault. */
let broken: keyof Storage | 'vault' | undefined
let failure: () => Error = () => new Error(DETAIL)
beforeEach(() => {
  broken = undefined
  failure = () => new Error(DETAIL)
})

const page = await startPageTill(import.meta.url, {
  desk(desk) {
    const storage = new Proxy(desk.payments.storage, {
      get(target, name) {
        if (name === broken) return () => Promise.reject(failure())
        return Reflect.get(target, name)
      },
    })
    const cards: typeof desk.cards = {
      ...desk.cards,
      tokenize: (...given) => (broken === 'vault' ? Promise.reject(failure()) : desk.cards.tokenize(...given)),
    }
    return { ...desk, cards, payments: { ...desk.payments, storage } }
  },
})
after(page.stop)
const { till } = page
const cardForm = (fields: Readonly<Record<string, string>>): string =>
  new URLSearchParams({
    email: 'jenny@example.com',
    cardNumber: '4242424242424242',
    cardExpiry: '12 / 34',
    cardCvc: '123',
    billingName: 'Jenny Rosen',
    ...fields,
  }).toString()

describe('a failure of our own', () => {
  const CASES: readonly [name: string, breaks: keyof Storage | 'vault', method: 'GET' | 'POST', accept?: string][] = [
    ['while the page is shown', 'findVisit', 'GET'],
    ['while the card is taken in', 'vault', 'POST'],
    ['while the script has the card taken in', 'vault', 'POST', 'application/json'],
    ['while the order is written', 'commit', 'POST'],
  ]
  for (const [name, breaks, method, accept] of CASES) {
    test(`${name} is a 500 with a request id and no detail`, async () => {
      const session = await till.openSession()
      const attempt = await page.attemptOf(session)
      const address = page.pathOf(session)
      broken = breaks
      const answer =
        method === 'GET'
          ? await fetch(page.url + address)
          : await page.post(`${address}/pay`, cardForm({ attempt }), accept ? { ...FORM, accept } : FORM)
      broken = undefined
      const id = answer.headers.get('request-id') ?? ''
      const html = await answer.text()
      assert.equal(answer.status, 500)
      assert.match(id, /^req_\w{22}$/)
      assert.ok(html.includes(id))
      assert.doesNotMatch(html, /charges|4242|Error:|at .*\.ts/)
      assert.equal(answer.headers.get('cache-control'), 'no-store')
      assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
      assert.equal(answer.headers.get('x-robots-tag'), 'noindex, nofollow')
      const line = page.logged.find((entry) => entry.includes(id) && entry.includes('the page failed')) ?? ''
      assert.match(line, /no room for \[card number\]/)
      assert.doesNotMatch(line, /4242/)
      // Nothing was charged, and the same form still pays.
      const again = await page.post(`${address}/pay`, cardForm({ attempt }))
      assert.match(again.headers.get('location') ?? '', /^https:\/\/shop\.example\/done/)
      assert.equal((await chargesOf(session.paymentId)).length, 1)
    })
  }
})

describe('a database that is away or busy', () => {
  const CASES: readonly [name: string, breaks: keyof Storage | 'vault', method: 'GET' | 'POST', path: string][] = [
    ['while the page is shown', 'findVisit', 'GET', ''],
    ['while a window waits', 'findVisit', 'GET', '/state'],
    ['while the card is taken in', 'vault', 'POST', '/pay'],
    ['while the order is written', 'commit', 'POST', '/pay'],
  ]
  for (const [name, breaks, method, path] of CASES) {
    for (const error of [AWAY, new QueueFull()]) {
      test(`${name} (${error.name}): try again, for a person and for the script`, async () => {
        const session = await till.openSession()
        const attempt = await page.attemptOf(session)
        const self = page.url + page.pathOf(session)
        const ask = async (headers: Readonly<Record<string, string>>) => {
          broken = breaks
          failure = () => error
          const body = method === 'POST' ? { body: cardForm({ attempt }) } : {}
          const answer = await fetch(self + path, { method, headers, ...body })
          broken = undefined
          assert.deepEqual([answer.status, answer.headers.get('retry-after')], [503, '5'])
          return answer
        }
        const shown = await ask(method === 'POST' ? FORM : {})
        const html = await shown.text()
        assert.match(html, /Wait a minute, then try again\./)
        assert.ok(html.includes(`href="${self}"`))
        assert.doesNotMatch(html, /Nothing was taken|CONNECTION|10\.0\.0\.7|waiting for the database/)
        const id = shown.headers.get('request-id') ?? ''
        assert.ok(html.includes(id) && page.logged.some((line) => line.includes(id)))
        assert.deepEqual(await (await ask(SCRIPT)).json(), { next: self })
        // Nothing was charged, and the same form still pays.
        const again = await page.post(`${page.pathOf(session)}/pay`, cardForm({ attempt }))
        assert.match(again.headers.get('location') ?? '', /^https:\/\/shop\.example\/done/)
        assert.equal((await chargesOf(session.paymentId)).length, 1)
      })
    }
  }
})

describe('one form pays once', () => {
  test('ten posts at once and one afterwards are one charge', async () => {
    const session = await till.openSession()
    const attempt = await page.attemptOf(session)
    const address = `${page.pathOf(session)}/pay`
    const posts = Array.from({ length: 10 }, () => page.post(address, cardForm({ attempt })))
    const answers = [...(await Promise.all(posts)), await page.post(address, cardForm({ attempt }))]
    for (const answer of answers) {
      assert.equal(answer.status, 303)
      assert.match(answer.headers.get('location') ?? '', /^https:\/\/shop\.example\/done/)
    }
    assert.deepEqual(await chargesOf(session.paymentId), ['captured'])
  })

  test('a form that was declined is spent: sent again it charges nothing', async () => {
    const session = await till.openSession()
    const attempt = await page.attemptOf(session)
    const address = page.pathOf(session)
    const declined = await page.post(`${address}/pay`, cardForm({ attempt, cardNumber: '4000000000000002' }))
    assert.equal(declined.headers.get('location'), `${page.url}${address}?try=1`)
    const replayed = await page.post(`${address}/pay`, cardForm({ attempt }))
    assert.equal(replayed.headers.get('location'), `${page.url}${address}?old=1`)
    assert.match(await (await fetch(`${page.url}${address}?old=1`)).text(), /open for a long time/)
    assert.deepEqual(await chargesOf(session.paymentId), ['declined'])
  })
})

describe('what the script is told', () => {
  const post = async (number: string, fields: Readonly<Record<string, string>> = {}) => {
    const session = await till.openSession()
    const address = page.pathOf(session)
    const attempt = await page.attemptOf(session)
    const sent = await page.post(`${address}/pay`, cardForm({ attempt, cardNumber: number, ...fields }), SCRIPT)
    return { session, address, attempt, status: sent.status, told: (await sent.json()) as Record<string, unknown> }
  }

  test('approved: where to go', async () => {
    const { status, told } = await post('4242424242424242')
    assert.equal(status, 200)
    assert.match(String(told.next), /^https:\/\/shop\.example\/done\?id=cs_test_/)
  })
  test('declined: a notice and the next attempt', async () => {
    const { status, told, attempt, session } = await post('4000000000009995')
    assert.equal(status, 200)
    assert.equal(told.notice, 'funds')
    assert.match(String(told.message), /Nothing was taken/)
    assert.notEqual(told.attempt, attempt)
    assert.equal(told.attempt, await page.attemptOf(session))
  })
  test('lost, stolen and generic declines read the same, byte for byte', async () => {
    const read = []
    for (const number of ['4000000000000002', '4000000000009987', '4000000000009979']) {
      const { told } = await post(number)
      read.push(JSON.stringify({ ...told, attempt: '' }))
    }
    assert.equal(new Set(read).size, 1)
  })
  test('a wrong code: the field, as the bank found it', async () => {
    const { status, told, session, address } = await post('4000000000000127')
    assert.equal(status, 200)
    assert.deepEqual(told.errors, { cardCvc: 'code_declined' })
    assert.equal(told.attempt, await page.attemptOf(session))
    const html = await (await fetch(`${page.url}${address}?try=1`)).text()
    assert.match(html, /<a href="#cardCvc">Your bank does not know this security code/)
    // Whoever has the URL may be reading this: nothing that was typed is in it.
    assert.match(html, /id="cardExpiry"[^>]* value=""/)
    assert.doesNotMatch(html, /jenny@example\.com/)
  })
  test('the fifth decline ends the session: where to go, and what it says there', async () => {
    const session = await till.openSession()
    const address = page.pathOf(session)
    for (let at = 1; at <= 5; at++) {
      const attempt = await page.attemptOf(session)
      const sent = await page.post(`${address}/pay`, cardForm({ attempt, cardNumber: '4000000000009995' }), SCRIPT)
      const told = (await sent.json()) as Record<string, unknown>
      if (at < 5) assert.equal(told.notice, at > 3 ? 'bank' : 'funds')
      else assert.equal(told.next, `${page.url}${address}?try=5`)
    }
    assert.match(await (await fetch(page.url + address)).text(), /declined too many times/)
    const state = await (await fetch(`${page.url}${address}/state`)).json()
    assert.deepEqual(state, { screen: 'failed' })
  })
  test('the state of a form is the attempt that it may use', async () => {
    const session = await till.openSession()
    const state = await (await fetch(`${page.url}${page.pathOf(session)}/state`)).json()
    assert.deepEqual(state, { screen: 'form', attempt: await page.attemptOf(session) })
  })
})

async function chargesOf(paymentId: string): Promise<string[]> {
  const rows = await till.db.sql<{ state: string }[]>`select state from charges where payment_id = ${paymentId}`
  return rows.map((row) => row.state)
}
