import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testDatabase } from '../../test/support/database.ts'
import { testEnv } from '../../test/support/env.ts'
import type { CardRef } from '../core/charge.ts'
import { HttpError, type HttpRequest } from '../core/env.ts'
import { liveTenant, newUuid, testTenant, type Uuid } from '../core/ids.ts'
import type { TemplateRequest } from './fill.ts'
import { openVault } from './vault.ts'

const db = await testDatabase(import.meta.url)
after(db.drop)
const env = testEnv()
const sent: HttpRequest[] = []
const BANK = 'https://bank.example'
const ODD = '4991001823456701'
const vault = openVault({
  env,
  sql: db.sql,
  ring: { wrapping: new Map([[1, env.randomBytes(32)]]), fingerprint: env.randomBytes(32) },
  http: async (request) => {
    sent.push(request)
    return { status: 201, headers: {}, body: new Uint8Array() }
  },
  allowedOrigins: [BANK],
  testNumbers: new Set([ODD]),
})
const tenant = testTenant(3)
const NUMBER = '4242424242424242'
const CODE = '123'

function typed({ number = NUMBER, expiry = '12/34', code = CODE } = {}) {
  const form = new URLSearchParams({ cardNumber: number, cardExpiry: expiry, cardCvc: code })
  const taken = vault.take(new TextEncoder().encode(form.toString()))
  if (!taken.ok) throw new Error(taken.because)
  return taken.card
}
async function tokenized(owner = tenant): Promise<CardRef> {
  const sessionId = newUuid(env)
  const made = await vault.tokenize(owner, sessionId, typed())
  if (!made.ok) throw new Error(JSON.stringify(made.errors))
  return { tenant: owner, owner: sessionId, token: made.token.id }
}
const order = (change: Partial<TemplateRequest> = {}): TemplateRequest => ({
  url: `${BANK}/charges`,
  headers: { authorization: 'Bearer x' },
  body: { amount: 1, card: { name: 'Jenny' } },
  places: {
    number: ['card', 'number'],
    expMonth: ['card', 'exp_month'],
    expYear: ['card', 'exp_year'],
    cvc: ['card', 'cvc'],
  },
  timeoutMs: 1000,
  ...change,
})
async function bodyOf(card: CardRef, request = order()): Promise<unknown> {
  sent.length = 0
  await vault.send(card, request)
  assert.equal(sent.length, 1, 'sent exactly once')
  return JSON.parse(String(sent[0]?.body))
}
const notSent = (error: unknown) => error instanceof HttpError && error.outcome === 'not_sent'

test('a card is filled into its places, and the code is given out once', async () => {
  const card = await tokenized()
  const whole = { name: 'Jenny', number: NUMBER, exp_month: '12', exp_year: '2034' }
  assert.deepEqual(await bodyOf(card), { amount: 1, card: { ...whole, cvc: CODE } })
  assert.deepEqual(await bodyOf(card), { amount: 1, card: whole })
})

test('a token of another session, another account or nobody is not sent, and not used up', async () => {
  const card = await tokenized()
  sent.length = 0
  for (const foreign of [
    { ...card, owner: newUuid(env) },
    { ...card, tenant: liveTenant(3) },
    { ...card, token: newUuid(env) },
  ]) {
    await assert.rejects(vault.send(foreign, order()), notSent)
    await vault.forget(foreign)
  }
  assert.equal(sent.length, 0)
  const body = (await bodyOf(card)) as { card: { cvc: string } }
  assert.equal(body.card.cvc, CODE, 'the rightful session still has its card and code')
})

test('nothing that a shop or a shopper writes asks for a part of the card', async () => {
  const words = ['{{card.number}}', '{{card.cvc}}', '%s', '{{card.exp_year}}']
  const body = { statement_descriptor: words[0], reference: words[1], card: { name: words[2], postal_code: words[3] } }
  const out = JSON.stringify(await bodyOf(await tokenized(), order({ body })))
  for (const word of words) assert.ok(out.includes(JSON.stringify(word)))
  assert.equal(out.split(NUMBER).length, 2)
  assert.equal(out.split(`"${CODE}"`).length, 2)
})

test('a place that is taken, or on no object, is the connector’s mistake: nothing is sent', async () => {
  const card = await tokenized()
  sent.length = 0
  for (const body of [{ card: { number: 'x' } }, { card: 'x' }, {}, { card: [] }]) {
    await assert.rejects(vault.send(card, order({ body })), /a card has no place/)
  }
  assert.equal(sent.length, 0)
})

for (const url of [
  'https://evil.example/charges',
  'http://bank.example/charges',
  'https://bank.example:8443/charges',
  'https://bank.example.evil.example/',
  'https://bank.example@evil.example/',
]) {
  test(`no card goes to ${url}`, async () => {
    sent.length = 0
    await assert.rejects(vault.send(await tokenized(), order({ url })), /not allowed to receive cards/)
    assert.equal(sent.length, 0)
  })
}

test('a code is gone after 15 minutes, given out or not', async () => {
  const early = await tokenized()
  const late = await tokenized()
  await env.advance(15 * 60_000 - 1)
  assert.match(JSON.stringify(await bodyOf(early)), /"cvc":"123"/)
  await env.advance(1)
  assert.doesNotMatch(JSON.stringify(await bodyOf(late)), /cvc/)
})

test('what is shredded is gone: row, code and use', async () => {
  const card = await tokenized()
  await vault.forget(card)
  await assert.rejects(vault.send(card, order()), notSent)
  const rows = await db.sql`select id from vault.cards where id = ${card.token}`
  assert.equal(rows.length, 0)
})

test('unused cards are shredded by age, the younger stay', async () => {
  const old = await tokenized()
  await env.advance(60_000)
  const young = await tokenized()
  assert.ok((await vault.forgetBefore(env.now())) >= 1)
  await assert.rejects(vault.send(old, order()), notSent)
  assert.ok(await bodyOf(young))
})

test('neither number nor code is in the table, in any of the obvious spellings', async () => {
  await tokenized()
  const [table] = await db.sql<{ text: string }[]>`select jsonb_agg(to_jsonb(c))::text as text from vault.cards c`
  const text = table?.text ?? ''
  const hex = Buffer.from(NUMBER).toString('hex')
  assert.ok(text.includes('"last4": "4242"'), 'the dump is one of cards')
  for (const spelling of [NUMBER, hex, Buffer.from(NUMBER).toString('base64'), NUMBER.slice(0, 6)]) {
    assert.ok(!text.includes(spelling))
  }
  const columns = await db.sql<{ name: string }[]>`
    select attname as name from pg_attribute where attrelid = 'vault.cards'::regclass and attnum > 0`
  assert.ok(!columns.some(({ name }) => /cvc|cvv|code|security/.test(name)))
})

test('a stored card that was swapped with another row’s does not open, and is not sent', async () => {
  const [one, other] = [await tokenized(), await tokenized()]
  await db.sql`
    update vault.cards c set ciphertext = d.ciphertext, wrapped_key = d.wrapped_key
    from vault.cards d where c.id = ${one.token} and d.id = ${other.token}`
  sent.length = 0
  await assert.rejects(vault.send(one, order()), /does not open/)
  assert.equal(sent.length, 0)
})

test('every mistake in the fields is told at once, by code, and nothing is kept', async () => {
  const card = typed({ number: '4242424242424241', expiry: '13/34', code: '1' })
  const errors = { cardNumber: 'number_wrong', cardExpiry: 'expiry_month', cardCvc: 'code_length' }
  assert.deepEqual(vault.check(tenant, card), errors)
  const sessionId = newUuid(env)
  assert.deepEqual(await vault.tokenize(tenant, sessionId, card), { ok: false, errors })
  assert.equal((await db.sql`select from vault.cards where owner = ${sessionId}`).length, 0)
})

test('a published number that fails the check digit is taken in test mode alone', () => {
  assert.deepEqual(vault.check(tenant, typed({ number: ODD })), {})
  assert.deepEqual(vault.check(liveTenant(3), typed({ number: ODD })), { cardNumber: 'number_wrong' })
})

test('a number is never cut to one that fits', () => {
  for (const number of [`${NUMBER}${' '.repeat(100)}7`, `${NUMBER}${' '.repeat(100)}x`]) {
    assert.deepEqual(vault.check(tenant, typed({ number })), { cardNumber: 'number_wrong' })
  }
})

test('the same card looks the same twice within an account, not across accounts', async () => {
  const prints = async (owner: typeof tenant) => {
    const made = await vault.tokenize(owner, newUuid(env) as Uuid, typed())
    return made.ok ? made.token.card.fingerprint : assert.fail()
  }
  assert.equal(await prints(tenant), await prints(tenant))
  assert.notEqual(await prints(tenant), await prints(testTenant(4)))
})
