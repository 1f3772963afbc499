import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseSearch, SEARCH_FIELDS, type SearchClause } from './search-query.ts'

const clause = (field: string, operator: string, value: SearchClause['value'], more: object = {}) => ({
  field,
  operator,
  value,
  negated: false,
  ...more,
})

const READ: readonly (readonly [query: string, join: 'and' | 'or', clauses: readonly object[]])[] = [
  ['name:"Jenny"', 'and', [clause('name', ':', 'Jenny')]],
  ["name:'Jenny'", 'and', [clause('name', ':', 'Jenny')]],
  [' email~"example" ', 'and', [clause('email', '~', 'example')]],
  ['name:"a" AND email:"b"', 'and', [clause('name', ':', 'a'), clause('email', ':', 'b')]],
  ['name:"a" email:"b"', 'and', [clause('name', ':', 'a'), clause('email', ':', 'b')]],
  ['name:"a" OR name:"b"', 'or', [clause('name', ':', 'a'), clause('name', ':', 'b')]],
  ['-name:"a"', 'and', [clause('name', ':', 'a', { negated: true })]],
  ['metadata[\'k 1\']:"v"', 'and', [clause('metadata', ':', 'v', { key: 'k 1' })]],
  ['metadata["k"]:null', 'and', [clause('metadata', ':', null, { key: 'k' })]],
  ['name:"say \\"hi\\" AND x"', 'and', [clause('name', ':', 'say "hi" AND x')]],
  ['created>=1700000000', 'and', [clause('created', '>=', 1_700_000_000)]],
]
for (const [query, join, clauses] of READ) {
  test(`reads ${query}`, () => {
    assert.deepEqual(parseSearch(query, SEARCH_FIELDS.customer), { ok: true, query: { join, clauses } })
  })
}

const REFUSED: readonly (readonly [query: string, message: RegExp])[] = [
  ['', /a field is missing at character 1/],
  ['jenny', /an operator/],
  ['name:', /a value/],
  ['name:jenny', /a value/],
  ['name:"a" AND', /field|operator/],
  ['name:"a"email:"b"', /a space is missing/],
  ['name:"a" AND name:"b" OR name:"c"', /cannot be mixed/],
  ['colour:"red"', /colour cannot be searched; use one of created, email/],
  ['constructor:"x"', /cannot be searched/],
  ['metadata:"x"', /metadata\['key'\]/],
  ['name[\'x\']:"y"', /metadata\['key'\]/],
  ['name~"ab"', /three or more/],
  ['name>"a"', /compares numbers/],
  ['created>"soon"', /compared with a number/],
  [Array.from({ length: 11 }, () => 'name:"a"').join(' AND '), /more than 10/],
]
for (const [query, message] of REFUSED) {
  test(`refuses ${query.slice(0, 40) || 'nothing'}`, () => {
    const parsed = parseSearch(query, SEARCH_FIELDS.customer)
    assert.ok(!parsed.ok)
    assert.match(parsed.message, message)
  })
}

test('answers any text, and reads back whatever was quoted', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      assert.equal(typeof parseSearch(text, SEARCH_FIELDS.product).ok, 'boolean')
      const quoted = text.replace(/[\\"]/g, '\\$&')
      const parsed = parseSearch(`name:"${quoted}"`, SEARCH_FIELDS.product)
      assert.ok(parsed.ok && parsed.query.clauses[0]?.value === text)
    }),
  )
})
