import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { type JsonOptions, parseJson } from './json.ts'
import type { Parameter, ParameterFaultCode } from './parameters.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const read = (text: string, options?: JsonOptions) => parseJson(bytes(text), options)
const nested = (depth: number, open: string, close: string) => open.repeat(depth) + close.repeat(depth)
const list = (count: number) => `[${Array.from({ length: count }, () => '1').join()}]`

const REFUSED: [string, string, ParameterFaultCode, path: string][] = [
  ['nothing', '', 'invalid_syntax', ''],
  ['spaces', ' \n', 'invalid_syntax', ''],
  ['a byte order mark', '\ufeff{}', 'byte_order_mark', ''],
  ['two documents', '{} {}', 'invalid_syntax', ''],
  ['a comma at the end of an object', '{"a":1,}', 'invalid_syntax', ''],
  ['a comma at the end of an array', '{"a":[1,]}', 'invalid_syntax', 'a[1]'],
  ['a comment', '{"a":1/*x*/}', 'invalid_syntax', ''],
  ['single quotes', "{'a':1}", 'invalid_syntax', ''],
  ['a bare name', '{a:1}', 'invalid_syntax', ''],
  ['an open string', '{"a":"b', 'invalid_syntax', 'a'],
  ['a line feed in a string', '{"a":"b\n"}', 'invalid_syntax', 'a'],
  ['an unknown escape', '{"a":"\\x41"}', 'invalid_syntax', 'a'],
  ['a short escape', '{"a":"\\u12"}', 'invalid_syntax', 'a'],
  ['NaN', '{"amount":NaN}', 'invalid_syntax', 'amount'],
  ['Infinity', '{"amount":Infinity}', 'invalid_syntax', 'amount'],
  ['a leading zero', '{"amount":007}', 'invalid_syntax', ''],
  ['a plus sign', '{"amount":+1}', 'invalid_syntax', 'amount'],
  ['a hexadecimal number', '{"amount":0x10}', 'invalid_syntax', ''],
  ['-0', '{"amount":-0}', 'invalid_integer', 'amount'],
  ['1e2', '{"amount":1e2}', 'invalid_integer', 'amount'],
  ['1E400', '{"amount":1E400}', 'invalid_integer', 'amount'],
  ['1.0', '{"amount":1.0}', 'invalid_integer', 'amount'],
  ['-0.0', '{"amount":-0.0}', 'invalid_integer', 'amount'],
  ['2^53', '{"amount":9007199254740992}', 'invalid_integer', 'amount'],
  ['2^53 + 1', '{"amount":9007199254740993}', 'invalid_integer', 'amount'],
  ['2^63', '{"amount":9223372036854775808}', 'invalid_integer', 'amount'],
  ['more digits than a double has', '{"amount":0.12345678901234567}', 'invalid_integer', 'amount'],
  [
    'an amount deep inside',
    '{"line_items":[{"price_data":{"unit_amount":1e2}}]}',
    'invalid_integer',
    'line_items[0][price_data][unit_amount]',
  ],
  ['a key twice', '{"amount":1,"amount":2}', 'duplicate_key', 'amount'],
  ['a key twice, spelled otherwise', '{"amount":1,"\\u0061mount":2}', 'duplicate_key', 'amount'],
  ['a key twice inside', '{"a":[{},{"b":1,"b":1}]}', 'duplicate_key', 'a[1][b]'],
  ['__proto__', '{"__proto__":{"x":1}}', 'forbidden_key', '__proto__'],
  ['constructor.prototype', '{"a":{"constructor":{"prototype":{}}}}', 'forbidden_key', 'a[constructor]'],
  ['prototype', '{"prototype":1}', 'forbidden_key', 'prototype'],
  ['NUL in a value', '{"a":"x\\u0000"}', 'nul', 'a'],
  ['half a pair in a value', '{"a":"\\ud83d"}', 'lone_surrogate', 'a'],
  ['half a pair in a key', '{"\\udc00":1}', 'lone_surrogate', '\ufffd'],
  ['nine levels', nested(9, '[', ']'), 'too_deep', '[0]'.repeat(8).slice(1).replace(']', '')],
  ['10,000 levels', '{"a":'.repeat(10_000), 'too_deep', 'a[a][a][a][a][a][a][a]'],
  ['101 items', `{"a":${list(101)}}`, 'too_many_items', 'a'],
  ['a million items', `{"a":${list(1_000_000)}}`, 'too_many_items', 'a'],
  ['1001 keys', `{${Array.from({ length: 1001 }, (_, at) => `"k${at}":1`).join()}}`, 'too_many_keys', ''],
  ['a value of 20,001 letters', `{"a":"${'x'.repeat(20_001)}"}`, 'too_long', 'a'],
  ['a key of 201 letters', `{"${'k'.repeat(201)}":1}`, 'too_long', 'k'.repeat(200)],
]
for (const [name, text, code, path] of REFUSED) {
  test(`${name}: ${code}`, () => {
    const parsed = read(text)
    assert.ok(!parsed.ok)
    assert.deepEqual([parsed.fault.code, parsed.fault.path], [code, path])
    assert.ok(parsed.fault.message)
  })
}

for (const [name, ...octets] of [
  ['a broken sequence', 0x22, 0xc3, 0x28, 0x22],
  ['an overlong one', 0x22, 0xc0, 0x80, 0x22],
  ['a surrogate in UTF-8', 0x22, 0xed, 0xa0, 0x80, 0x22],
  ['UTF-16', 0xff, 0xfe, 0x7b, 0x00, 0x7d, 0x00],
] as [string, ...number[]][]) {
  test(`${name}: invalid_encoding`, () => {
    const parsed = parseJson(Uint8Array.from(octets))
    assert.equal(parsed.ok ? 'read' : parsed.fault.code, 'invalid_encoding')
  })
}

const ACCEPTED: [string, Parameter][] = [
  ['{}', {}],
  [' [ ] ', []],
  ['"\\u0041\\n\\"\\\\\\/é💳"', 'A\n"\\/é💳'],
  ['"\\ud83d\\udcb3"', '💳'],
  ['-12', -12],
  ['9007199254740991', 2 ** 53 - 1],
  ['10.5', 10.5],
  ['0.01', 0.01],
  ['9999999999.99', 9999999999.99],
  ['true', true],
  ['null', null],
  [nested(8, '[', ']'), [[[[[[[[]]]]]]]]],
  ['{"toString":1,"hasOwnProperty":2}', { toString: 1, hasOwnProperty: 2 }],
  [list(100), Array(100).fill(1)],
]
for (const [text, expected] of ACCEPTED) {
  test(`${text.slice(0, 40)} is read`, () => {
    const parsed = read(text)
    assert.ok(parsed.ok)
    assert.deepEqual(plain(parsed.value), expected)
  })
}

test('where amounts are decimals, 12.00 is 12, and an exponent is still refused', () => {
  assert.deepEqual(read('12.00', { wholeFractions: true }), { ok: true, value: 12 })
  for (const text of ['1e2', '-0.0', '-0', '9007199254740993.0']) {
    assert.equal(read(text, { wholeFractions: true }).ok, false, text)
  }
})

test('objects have no prototype', () => {
  const parsed = read('{"a":[{}]}')
  assert.ok(parsed.ok)
  assert.equal(Object.getPrototypeOf(parsed.value), null)
})

const key = fc
  .string({ unit: 'grapheme', maxLength: 8 })
  .filter((name) => !/^(?:__proto__|constructor|prototype)$/.test(name) && !name.includes('\u0000'))
const text = fc.string({ unit: 'grapheme' }).filter((value) => !value.includes('\u0000'))
const cents = fc
  .integer({ min: -999_999_99, max: 999_999_99 })
  .filter((n) => n % 100 !== 0)
  .map((n) => n / 100)
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 7, depthSize: 'small' },
    fc.oneof(
      text,
      fc.maxSafeInteger().map((n) => n + 0),
      cents,
      fc.boolean(),
      fc.constant(null),
    ),
    fc.array(tie('tree'), { maxLength: 5 }),
    fc.dictionary(key, tie('tree'), { maxKeys: 5, noNullPrototype: true }),
  ),
}))

test('ordinary documents read as JSON.parse reads them, however they are spaced', () => {
  fc.assert(
    fc.property(tree, fc.constantFrom('', ' ', '\t', '\n  '), (value, space) => {
      const written = JSON.stringify(value, null, space)
      const parsed = read(written)
      assert.ok(parsed.ok, written)
      assert.deepEqual(plain(parsed.value), JSON.parse(written))
    }),
    { numRuns: 1000 },
  )
})

test('what is read, JSON.parse reads the same; what JSON.parse refuses, is refused', () => {
  const tokens = fc.constantFrom(
    ...'{}[],:" \\/0123456789.-+eEtrufalsn\n\u0000'.split(''),
    '"a":',
    'null',
    '\\u00',
    '1.5',
    '\ud83d',
  )
  const mutated = fc
    .tuple(tree, fc.nat(), fc.nat(3), fc.string({ unit: tokens, maxLength: 3 }))
    .map(([value, seed, cut, insert]) => {
      const written = JSON.stringify(value)
      const at = seed % (written.length + 1)
      return written.slice(0, at) + insert + written.slice(at + cut)
    })
  fc.assert(
    fc.property(fc.oneof(mutated, fc.string({ unit: tokens, maxLength: 30 })), (written) => {
      const parsed = read(written)
      if (parsed.ok) assert.deepEqual(plain(parsed.value), JSON.parse(new TextDecoder().decode(bytes(written))))
    }),
    { numRuns: 3000 },
  )
})

test('any bytes get an answer', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
      const parsed = parseJson(octets)
      assert.equal(typeof parsed.ok, 'boolean')
    }),
    { numRuns: 1000 },
  )
})

test('a fault echoes no card number', () => {
  const parsed = read('{"4242424242424242":{"x":1e2}}')
  assert.ok(!parsed.ok)
  assert.equal(parsed.fault.path, '[card number][x]')
})

/** The same tree with ordinary prototypes, which is what `deepEqual` wants to see. */
function plain(value: Parameter): unknown {
  if (value === null || typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map(plain)
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, plain(member)]))
}
