import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { testTenant } from '../../core/ids.ts'
import { signNotice } from '../../sandbox-bank/notices.ts'
import { sandboxConnector } from './sandbox.ts'

const NOW = new Date('2026-01-02T03:04:05.678Z')
const TENANT = testTenant(7)
const SECRET = 'the-secret-of-this-tenant'
const OLD_SECRET = 'the-secret-before-that-one'
const connector = sandboxConnector('http://bank.example')
const told = { id: 'evt_1', type: 'refund.created', merchant: 't15', reference: 'ch_1', data: { amount: 1 } }

const later = (seconds: number) => new Date(NOW.getTime() + seconds * 1000)
const bytes = (body: string | Uint8Array) => (typeof body === 'string' ? new TextEncoder().encode(body) : body)
const sign = (body: string, secret = SECRET, at = NOW) => signNotice(secret, body, at)
function read(body: string | Uint8Array, signature?: string, secrets: readonly string[] = [SECRET]) {
  const headers = signature === undefined ? {} : { 'bank-signature': signature }
  const reading = connector.hook?.({ tenant: TENANT, body: bytes(body), headers }, secrets, NOW)
  return reading?.ok ? reading.notice : reading?.because
}

const body = JSON.stringify(told)
const NOTICE = { account: 't15', noticeId: 'evt_1', type: 'refund.created', reference: 'ch_1' }

test('of a signed notice nothing is taken but its name and what to ask about', () => {
  assert.deepEqual(read(body, sign(body)), NOTICE)
})

test('while a secret is replaced, both are good', () => {
  assert.deepEqual(read(body, sign(body, OLD_SECRET), [SECRET, OLD_SECRET]), NOTICE)
  const both = `${sign(body, 'somebody-elses-secret')},${sign(body).split(',')[1]}`
  assert.deepEqual(read(body, both), NOTICE)
})

const [stamp = '', mac = ''] = sign(body).split(',')
const REFUSED: readonly (readonly [name: string, because: string, signature: string | undefined])[] = [
  ['no signature', 'unsigned', undefined],
  ['an empty one', 'unsigned', ''],
  ['no time', 'unsigned', mac],
  ['a time alone', 'unsigned', stamp],
  ['another scheme', 'unsigned', `${stamp},v0=${mac.slice(3)}`],
  ['capital letters', 'unsigned', `${stamp},${mac.toUpperCase()}`],
  ['half of it', 'unsigned', `${stamp},${mac.slice(0, 40)}`],
  ['two headers joined', 'unsigned', `${sign(body)}, ${sign(body)}`],
  ['six of them', 'unsigned', `${stamp}${`,${mac}`.repeat(6)}`],
  ['a very long one', 'unsigned', `${stamp}${`,${mac}`.repeat(600)}`],
  ['another secret', 'wrong_signature', sign(body, OLD_SECRET)],
  ['another body', 'wrong_signature', sign(`${body} `)],
  ['another time than was signed', 'wrong_signature', `t=${Math.floor(NOW.getTime() / 1000) + 1},${mac}`],
  ['five minutes ago', 'wrong_time', sign(body, SECRET, later(-301))],
  ['in five minutes', 'wrong_time', sign(body, SECRET, later(302))],
]
for (const [name, because, signature] of REFUSED) {
  test(`${name}: refused`, () => assert.equal(read(body, signature), because))
}

test('just within five minutes, both ways', () => {
  assert.deepEqual(read(body, sign(body, SECRET, later(-299))), NOTICE)
  assert.deepEqual(read(body, sign(body, SECRET, later(300))), NOTICE)
})

const UNREADABLE: readonly (readonly [name: string, body: string])[] = [
  ['nothing', ''],
  ['no JSON', 'x'],
  ['a list', '[]'],
  ['null', 'null'],
  ['no id', JSON.stringify({ ...told, id: undefined })],
  ['an id that no column takes', JSON.stringify({ ...told, id: 'evt\0' })],
  ['an endless id', JSON.stringify({ ...told, id: 'e'.repeat(256) })],
  ['a reference that is no text', JSON.stringify({ ...told, reference: { is: 'ch_1' } })],
  ['half of a character', JSON.stringify({ ...told, type: '\ud800' })],
]
for (const [name, text] of UNREADABLE) {
  test(`signed, and ${name}: refused`, () => assert.equal(read(text, sign(text)), 'unreadable'))
}

test('another merchant’s notice is none, whoever signed it', () => {
  const text = JSON.stringify({ ...told, merchant: 't17' })
  assert.equal(read(text, sign(text)), 'misdirected')
})

test('no bytes and no header make it throw, or pass', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (some, header) => {
      assert.equal(typeof read(some, header), 'string')
      assert.equal(typeof read(some, `${stamp},v1=${'0'.repeat(64)}`), 'string')
    }),
  )
})
