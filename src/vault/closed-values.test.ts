import assert from 'node:assert/strict'
import { test } from 'node:test'
import { format, inspect } from 'node:util'
import { Pan } from './pan.ts'
import { TypedCard, takeForm } from './typed-card.ts'

const NUMBER = '4242424242424242'
const CODE = '987'
const VALUES = {
  Pan: new Pan(NUMBER),
  TypedCard: new TypedCard({ cardNumber: NUMBER, cardExpiry: '12/34', cardCvc: CODE }),
}

for (const [name, value] of Object.entries(VALUES)) {
  const ways: Readonly<Record<string, () => string>> = {
    text: () => `${value}`,
    'a sum of texts': () => `card: ${String(value)}`,
    JSON: () => JSON.stringify({ value, list: [value] }),
    inspect: () => inspect(value, { showHidden: true, depth: 10, getters: true }),
    'inspect without our own way': () => inspect(value, { customInspect: false, showHidden: true }),
    'a log line': () => format('%s %o %O %j', value, value, value, value),
    'an error’s message and properties': () => inspect(Object.assign(new Error(`no ${value}`), { value })),
    'a thrown value': () => inspect(new Error('outer', { cause: value })),
    entries: () => JSON.stringify([Object.entries(value), Object.getOwnPropertyNames(value), { ...value }]),
    'a structured clone': () => inspect(structuredClone(value)),
    'a table': () => inspect([value, new Map([['card', value]]), new Set([value])], { depth: 5 }),
  }
  for (const [way, print] of Object.entries(ways)) {
    test(`${name} does not print as ${way}`, () => {
      const text = print()
      assert.ok(!text.includes(NUMBER) && !text.includes(NUMBER.slice(0, 6)), text)
      assert.ok(name === 'Pan' || !text.includes(CODE), text)
    })
  }
}

test('a card number has 12 to 19 digits and nothing else; what is refused is not repeated', () => {
  for (const text of [
    '',
    '4'.repeat(11),
    '4'.repeat(20),
    '4242 4242 4242 4242',
    '４２４２４２４２４２４２',
    `${NUMBER}\n`,
  ]) {
    assert.throws(
      () => new Pan(text),
      (error: Error) => !text || !error.message.includes(text),
    )
  }
  assert.equal(new Pan(NUMBER).last4, '4242')
})

const bytes = (text: string) => new TextEncoder().encode(text)

test('a form comes apart: number and code stay closed, the rest comes out', () => {
  const taken = takeForm(bytes(`cardNumber=${NUMBER}&email=a%40b.example&cardExpiry=12%2F34&cardCvc=${CODE}&x=1+2`))
  assert.ok(taken.ok)
  assert.deepEqual(taken.others, { email: 'a@b.example', x: '1 2', cardExpiry: '12/34' })
  assert.deepEqual(taken.card.reveal(), { cardNumber: NUMBER, cardExpiry: '12/34', cardCvc: CODE })
  assert.doesNotMatch(inspect(taken, { depth: 5 }), new RegExp(`${NUMBER}|${CODE}`))
})

test('a field given twice, too many fields and what is not UTF-8 are refused', () => {
  const because = (body: Uint8Array) => {
    const taken = takeForm(body)
    return taken.ok ? 'ok' : taken.because
  }
  assert.equal(because(bytes('cardNumber=1&cardNumber=2')), 'repeated_field')
  assert.equal(because(bytes('email=1&e%6dail=2')), 'repeated_field')
  assert.equal(because(bytes(Array.from({ length: 61 }, (_, at) => `f${at}=1`).join('&'))), 'too_many_fields')
  assert.equal(because(Uint8Array.of(0x63, 0x3d, 0xff)), 'encoding')
  assert.equal(because(bytes('cardNumber=%FF')), 'encoding')
  assert.equal(because(bytes('cardNumber=%4')), 'encoding')
  assert.equal(because(new Uint8Array()), 'ok')
})

test('a field named like an object’s own machinery is only a field', () => {
  const taken = takeForm(bytes('__proto__=x&constructor=y'))
  assert.ok(taken.ok)
  assert.deepEqual(Object.entries(taken.others), [
    ['__proto__', 'x'],
    ['constructor', 'y'],
  ])
})
