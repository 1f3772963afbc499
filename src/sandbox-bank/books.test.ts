import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { startTestBank } from '../../test/support/sandbox-bank.ts'
import { TEST_CARDS } from './test-cards.ts'

const bank = await startTestBank(import.meta.url)
after(bank.stop)
const { sql } = bank.db

const NONE_CAME_BACK = { refund_reversed: '0', charged_back: '0', chargeback_reversed: '0' }

test('totals and entries tell the same story as the authorizations', async () => {
  const merchant = 'story'
  const authorize = async (fields: Record<string, unknown>) =>
    (
      await bank.send(
        'POST',
        '/v1/authorizations',
        { ...ORDER, reference: crypto.randomUUID(), ...fields },
        { merchant },
      )
    ).body.id
  const operate = async (id: unknown, kind: string, fields: object = {}) =>
    bank.send('POST', `/v1/authorizations/${id}/${kind}`, { reference: crypto.randomUUID(), ...fields }, { merchant })
  await authorize({ amount: 1 })
  const partly = await authorize({ amount: 1000 })
  await operate(partly, 'captures', { amount: 600 })
  await operate(partly, 'refunds', { amount: 100 })
  await operate(partly, 'refunds', { amount: 50 })
  await operate(await authorize({ amount: 20 }), 'voids')
  await authorize({ amount: 500, currency: 'JPY', capture: true })
  await authorize({ amount: 9, card: { ...ORDER.card, number: '4000000000000002' } })

  const { body } = await bank.send('GET', '/v1/books?merchant=story', undefined, { merchant })
  assert.deepEqual(body.totals, [
    { currency: 'EUR', authorized: '1021', captured: '600', voided: '420', refunded: '150', ...NONE_CAME_BACK },
    { currency: 'JPY', authorized: '500', captured: '500', voided: '0', refunded: '0', ...NONE_CAME_BACK },
  ])

  const paged: unknown[] = []
  let cursor: unknown = 0
  while (cursor !== null) {
    const page = await bank.send('GET', `/v1/books?limit=3&cursor=${cursor}`, undefined, { merchant })
    assert.equal('totals' in page.body, cursor === 0)
    paged.push(...(page.body.entries as unknown[]))
    cursor = page.body.next_cursor
  }
  assert.deepEqual(paged, body.entries)
  assert.equal(paged.length, 10)

  const unexplained = await sql`
    select a.id
    from authorizations a
    left join entries e on e.merchant = a.merchant and e.authorization_id = a.id
    where a.merchant = ${merchant}
    group by a.merchant, a.id
    having a.captured_amount <> coalesce(sum(e.amount) filter (where e.kind = 'capture'), 0)
      or a.released_amount <> coalesce(sum(e.amount) filter (where e.kind = 'release'), 0)
      or a.refunded_amount <> coalesce(sum(e.amount) filter (where e.kind = 'refund'), 0)`
  assert.deepEqual([...unexplained], [])
})

test('entries cannot be changed, removed or doubled', async () => {
  const { id } = await bank.authorize()
  await assert.rejects(sql`update entries set amount = 1 where cause = ${id}`, /append-only/)
  await assert.rejects(sql`delete from entries where cause = ${id}`, /append-only/)
  await assert.rejects(sql`truncate entries`, /append-only/)
  const doubled = sql`
    insert into entries
      (merchant, authorization_id, cause, kind, debit, credit, amount, currency, reference, created_at)
    select merchant, authorization_id, cause, kind, debit, credit, amount, currency, reference, created_at
    from entries where cause = ${id}`
  await assert.rejects(doubled, /entries_one_per_cause/)
})

test('the database itself refuses what the money does not allow', async () => {
  const { id } = await bank.authorize({ capture: true })
  const held = await bank.authorize()
  const declined = await bank.authorize({ card: { number: '4000000000000002' } })
  const forbidden: [Record<string, number | string>, string, RegExp][] = [
    [{ refunded_amount: 1001 }, id, /refunded_within_captured/],
    [{ captured_amount: 1001 }, id, /captured_releases_the_rest/],
    [{ released_amount: 1 }, id, /captured_releases_the_rest/],
    [{ status: 'voided', released_amount: 1000, captured_amount: 1 }, held.id, /captured_within_authorized/],
    [{ captured_amount: 999 }, id, /captured_releases_the_rest/],
    [{ captured_amount: 1 }, held.id, /authorized_holds_all/],
    [{ status: 'voided' }, held.id, /voided_releases_all/],
    [{ captured_amount: 1 }, declined.id, /declined_moves_nothing/],
    [{ status: 'authorized' }, declined.id, /declined_says_why|approved_has_a_code/],
  ]
  for (const [change, of, constraint] of forbidden)
    await assert.rejects(sql`update authorizations set ${sql(change)} where id = ${of}`, constraint)
})

test('no card number and no CVC is kept in the books or said in the log', async () => {
  const canary = { cvc: '739', name: 'Canary Holder', postal_code: 'CANARY1' }
  const key = 'canary-key'
  for (const card of TEST_CARDS.filter(({ conduct }) => conduct === undefined)) {
    const expiry = card.expiry === 'any' ? {} : { exp_month: card.expiry.month, exp_year: card.expiry.year }
    const cvc = card.cvc === 'any' || card.cvc === 'fails' ? (card.brand === 'amex' ? '7391' : '739') : card.cvc
    const order = {
      ...ORDER,
      reference: card.id,
      card: { ...ORDER.card, ...expiry, ...canary, number: card.number, cvc },
    }
    assert.equal((await bank.send('POST', '/v1/authorizations', order, { key: key + card.id })).status, 201)
    const waiting = await bank.send('POST', '/v1/authorizations', { ...order, ...SECURE, reference: `3ds-${card.id}` })
    assert.equal(waiting.status, 201)
    const { url } = (waiting.body.action ?? {}) as { url?: string }
    if (url && card.authentication?.page === undefined)
      await fetch(url, { method: 'POST', body: new URLSearchParams({ code: card.number, attempt: '0' }) })
    await bank.send('GET', `/v1/authorizations/${card.number}?reference=${card.number}`)
  }
  const tables = ['merchants', 'authorizations', 'operations', 'authentications', 'entries', 'idempotency_keys']
  const dump = await Promise.all(tables.map((table) => sql`select to_jsonb(t)::text as row from ${sql(table)} t`))
  const kept = JSON.stringify(dump)
  const logged = bank.logged.join('\n')
  assert.ok(kept.includes('hsrc_troy') && kept.includes(`${key}visa`)) // the scan sees what is there
  assert.ok(logged.includes('/v1/authorizations'))
  for (const text of [kept, logged]) {
    for (const { number } of TEST_CARDS)
      assert.ok(!text.includes(number), `a number ending in ${number.slice(-4)} leaked`)
    for (const word of ['Canary Holder', 'CANARY1', '"739"', '"7391"']) assert.ok(!text.includes(word))
  }
})

const SECURE = { three_d_secure: { return_url: 'https://shop.example/back', request: 'challenge' } }
const ORDER = {
  amount: 1000,
  currency: 'EUR',
  capture: false,
  card: { number: '4242424242424242', exp_month: 12, exp_year: 2034 },
}
