import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { ERRORS, type ErrorCode, renderError, statusOf } from './errors.ts'
import { errorsHtml, errorsMarkdown } from './errors-page.ts'

type Wire = { readonly error: Readonly<Record<string, string>> }
const CODES = Object.keys(ERRORS) as ErrorCode[]

test('docs/errors.md says what the table says', () => {
  assert.equal(readFileSync(new URL('../../docs/errors.md', import.meta.url), 'utf8'), errorsMarkdown())
})

for (const code of CODES) {
  test(`${code} has a text, a status and an anchor that exists`, () => {
    const { error } = renderError({ code, param: 'a[b]', detail: 'x' }, 'https://pay.example', 'req_1') as Wire
    assert.ok((error.message ?? '').length > 10)
    assert.equal(error.doc_url, `https://pay.example/docs/errors#${code}`)
    assert.ok(errorsHtml().includes(`id="${code}"`))
    assert.ok(statusOf({ code }) >= 400)
    // Clients of Stripe repeat a request on 409: only the key of one that is still at work says so.
    assert.equal(statusOf({ code }) === 409, code === 'idempotency_key_in_use')
  })
}

test('a text that is quoted is short, without card numbers and control characters', () => {
  const detail = `4242 4242 4242 4242\r\nx: ${'y'.repeat(1000)}`
  const { error } = renderError({ code: 'resource_missing', detail }, '', 'req_1') as Wire
  assert.ok(error.message?.startsWith("No such object: '[card number]  x: yyy"))
  assert.ok((error.message ?? '').length < 400)
})

test('an object missing from the path is 404, from a parameter 400, and named as shops know it', () => {
  assert.equal(statusOf({ code: 'resource_missing' }), 404)
  const fault = { code: 'resource_missing', param: 'line_items[0][price]', detail: 'price_x' } as const
  assert.equal(statusOf(fault), 400)
  assert.equal((renderError(fault, '', '') as Wire).error.message, "No such price: 'price_x'")
  const path = { code: 'resource_missing', detail: 'cs_test_x' } as const
  assert.equal((renderError(path, '', '') as Wire).error.message, "No such checkout.session: 'cs_test_x'")
})
