import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { test } from 'node:test'
import fc from 'fast-check'
import Stripe from 'stripe'
import { parseForm } from './form.ts'
import { asObject, type Parameter, type ParameterFaultCode } from './parameters.ts'

const ACCEPTED: [string, unknown][] = [
  ['', {}],
  ['&&', {}],
  ['a=1', { a: '1' }],
  ['a=1&', { a: '1' }],
  ['a', { a: '' }],
  ['a=', { a: '' }],
  ['a==b=', { a: '=b=' }],
  ['a=b+c%2Bd%20e', { a: 'b c+d e' }],
  ['a=%C3%A9%F0%9F%92%B3', { a: 'é💳' }],
  ['a=é', { a: 'é' }],
  ['a[b][c]=1&a[b][d]=2', { a: { b: { c: '1', d: '2' } } }],
  ['a%5Bb%5D%5B0%5D=1', { a: { b: ['1'] } }],
  ['a[1]=y&a[0]=x', { a: ['x', 'y'] }],
  ['a[0][b]=1&a[0][c]=2&a[1][b]=3', { a: [{ b: '1', c: '2' }, { b: '3' }] }],
  ['expand[]=a&expand[]=b', { expand: ['a', 'b'] }],
  ['a[b][]=1&a[b][]=1', { a: { b: ['1', '1'] } }],
  ['a[1]=x', { a: { 1: 'x' } }],
  ['a[0]=x&a[2]=y', { a: { 0: 'x', 2: 'y' } }],
  ['a[00]=x', { a: { '00': 'x' } }],
  ['metadata[6735]=x&metadata[y]=', { metadata: { 6735: 'x', y: '' } }],
  ['0=x', { 0: 'x' }],
  ['toString=1', { toString: '1' }],
  ['created[gte]=1700000000', { created: { gte: '1700000000' } }],
  [
    Array.from({ length: 100 }, (_, at) => `a[${at}]=${at}`).join('&'),
    { a: Array.from({ length: 100 }, (_, at) => `${at}`) },
  ],
  ['a[b][c][d][e][f][g][h]=1', { a: { b: { c: { d: { e: { f: { g: { h: '1' } } } } } } } }],
]
for (const [body, expected] of ACCEPTED) {
  test(`${body.slice(0, 50)} is read`, () => {
    for (const input of [body, new TextEncoder().encode(body)]) {
      const parsed = parseForm(input)
      assert.ok(parsed.ok)
      assert.deepEqual(plain(parsed.value), expected)
    }
  })
}

const REFUSED: [string, ParameterFaultCode, path: string][] = [
  ['a=1&a=2', 'duplicate_key', 'a'],
  ['a=1&%61=2', 'duplicate_key', 'a'],
  ['a[b]=1&a[b]=2', 'duplicate_key', 'a[b]'],
  ['a=1&a[b]=2', 'conflicting_keys', 'a[b]'],
  ['a[b]=1&a=2', 'conflicting_keys', 'a'],
  ['a[]=1&a[0]=2', 'conflicting_keys', 'a'],
  ['a[b]=1&a[]=2', 'conflicting_keys', 'a'],
  ['=1', 'invalid_key', ''],
  ['[a]=1', 'invalid_key', '[a]'],
  ['a]=1', 'invalid_key', 'a]'],
  ['a[=1', 'invalid_key', 'a['],
  ['a[b=1', 'invalid_key', 'a[b'],
  ['a[b]c=1', 'invalid_key', 'a[b]c'],
  ['a[b]c[d]=1', 'invalid_key', 'a[b]c[d]'],
  ['a[[b]]=1', 'invalid_key', 'a[[b]]'],
  ['a[][b]=1', 'invalid_key', 'a[][b]'],
  ['a[b]]=1', 'invalid_key', 'a[b]]'],
  ['a=%', 'invalid_encoding', 'a'],
  ['a=%zz', 'invalid_encoding', 'a'],
  ['a[b]=%C3%28', 'invalid_encoding', 'a[b]'],
  ['a=%C0%80', 'invalid_encoding', 'a'],
  ['a=%ED%A0%80', 'invalid_encoding', 'a'],
  ['a%=1', 'invalid_encoding', ''],
  ['a=%00', 'nul', 'a'],
  ['a%00=1', 'nul', 'a\u0000'],
  ['a=\ud800', 'lone_surrogate', 'a'],
  ['__proto__[x]=1', 'forbidden_key', '__proto__[x]'],
  ['a[__proto__][x]=1', 'forbidden_key', 'a[__proto__][x]'],
  ['constructor[prototype][x]=1', 'forbidden_key', 'constructor[prototype][x]'],
  ['a[b][c][d][e][f][g][h][i]=1', 'too_deep', 'a[b][c][d][e][f][g][h][i]'],
  [`a${'[b]'.repeat(10_000)}=1`, 'too_deep', `a${'[b]'.repeat(10_000)}`.slice(0, 200)],
  [`a=${'x'.repeat(20_001)}`, 'too_long', 'a'],
  [`${'k'.repeat(201)}=1`, 'too_long', 'k'.repeat(200)],
  [Array.from({ length: 101 }, (_, at) => `a[${at}]=1`).join('&'), 'too_many_items', 'a'],
  ['a[]=1&'.repeat(101), 'too_many_items', 'a'],
  ['a=1&'.repeat(1001), 'too_many_keys', ''],
  ['&'.repeat(1_000_000), 'too_many_keys', ''],
  ['4242424242424242=%', 'invalid_encoding', '[card number]'],
]
for (const [at, [body, code, path]] of REFUSED.entries()) {
  test(`form ${at + 1} is refused: ${code}`, () => {
    const parsed = parseForm(body)
    assert.ok(!parsed.ok)
    assert.deepEqual([parsed.fault.code, parsed.fault.path], [code, path])
    assert.ok(parsed.fault.message)
  })
}

test('bytes that are not UTF-8 are refused', () => {
  const parsed = parseForm(Uint8Array.of(0x61, 0x3d, 0xff))
  assert.equal(parsed.ok ? 'read' : parsed.fault.code, 'invalid_encoding')
})

test('objects have no prototype, and positions become names where names are wanted', () => {
  const parsed = parseForm('metadata[0]=x')
  assert.ok(parsed.ok)
  assert.equal(Object.getPrototypeOf(parsed.value), null)
  const metadata = asObject(parsed.value.metadata ?? null)
  assert.deepEqual(plain(metadata ?? null), { 0: 'x' })
  assert.equal(Object.getPrototypeOf(metadata), null)
  for (const scalar of ['', 'x', 1, true, null]) assert.equal(asObject(scalar), undefined)
})

const name = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 10 })
  .filter((key) => !/[[\]\p{Cc}]|^(?:__proto__|constructor|prototype|\d+)$/u.test(key))
const value = fc.string({ unit: 'grapheme' }).filter((text) => !text.includes('\u0000'))
type Tree = string | Tree[] | { [key: string]: Tree }
const { tree } = fc.letrec<{ tree: Tree }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 6, depthSize: 'small' },
    value,
    fc.array(tie('tree'), { minLength: 1, maxLength: 4 }),
    fc.dictionary(name, tie('tree'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  ),
}))
const body = fc.dictionary(name, tree, { maxKeys: 4, noNullPrototype: true })

function encode(at: string, node: Tree, bracket: (key: string) => string): string[] {
  if (typeof node === 'string') return [`${at}=${encodeURIComponent(node).replaceAll('%20', '+')}`]
  return Object.entries(node).flatMap(([key, child]) => encode(at + bracket(encodeURIComponent(key)), child, bracket))
}

test('a tree comes back from its encoding, with brackets plain or escaped, in any order', () => {
  const brackets = fc.constantFrom(
    (key: string) => `[${key}]`,
    (key: string) => `%5B${key}%5d`,
  )
  fc.assert(
    fc.property(body, brackets, fc.boolean(), (tree, bracket, reversed) => {
      const pairs = Object.entries(tree).flatMap(([key, child]) => encode(encodeURIComponent(key), child, bracket))
      const parsed = parseForm((reversed ? pairs.reverse() : pairs).join('&'))
      assert.ok(parsed.ok)
      assert.deepEqual(plain(parsed.value), tree)
    }),
    { numRuns: 1000 },
  )
})

test('any body gets an answer, and one that is read twice is read alike', () => {
  const piece = fc.constantFrom(
    ...'ab0[]=&%+'.split(''),
    '[]',
    '[0]',
    '[1]',
    '%5B',
    '%5D',
    '%C3%A9',
    '__proto__',
    '\ud800',
  )
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: piece, maxLength: 30 }), fc.string({ unit: 'binary' })), (text) => {
      assert.deepEqual(parseForm(text), parseForm(text))
    }),
    { numRuns: 3000 },
  )
})

test('what the stripe SDK sends is what its caller meant', async (t) => {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      bodies.push(Buffer.concat(chunks).toString())
      response.setHeader('content-type', 'application/json').end('{"id":"cs_test_1","object":"checkout.session"}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const stripe = new Stripe('sk_test_x', { host: '127.0.0.1', port, protocol: 'http', telemetry: false })
  await stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [
      { quantity: 2, price_data: { currency: 'eur', unit_amount: 1050, product_data: { name: 'Büch & "Co" [1]' } } },
      { quantity: 1, price: 'price_1' },
    ],
    success_url: 'https://shop.example/done?s={CHECKOUT_SESSION_ID}&a=1+2',
    metadata: { 'order id': '7', '6735': '100 %', note: '' },
    phone_number_collection: { enabled: true },
    expand: ['line_items', 'payment_intent.latest_charge'],
  })
  const parsed = parseForm(bodies[0] ?? '')
  assert.ok(parsed.ok)
  assert.deepEqual(plain(parsed.value), {
    mode: 'payment',
    line_items: [
      {
        quantity: '2',
        price_data: { currency: 'eur', unit_amount: '1050', product_data: { name: 'Büch & "Co" [1]' } },
      },
      { quantity: '1', price: 'price_1' },
    ],
    success_url: 'https://shop.example/done?s={CHECKOUT_SESSION_ID}&a=1+2',
    metadata: { 'order id': '7', '6735': '100 %', note: '' },
    phone_number_collection: { enabled: 'true' },
    expand: ['line_items', 'payment_intent.latest_charge'],
  })
})

/** The same tree with ordinary prototypes, which is what `deepEqual` wants to see. */
function plain(node: Parameter): unknown {
  if (node === null || typeof node !== 'object') return node
  if (Array.isArray(node)) return node.map(plain)
  return Object.fromEntries(Object.entries(node).map(([key, member]) => [key, plain(member)]))
}
