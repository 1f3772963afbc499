import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { FastifyRequest } from 'fastify'
import { OPENCHECKOUT } from './manner.ts'

const KEY = 'sk_test_abc'

function sent(authorization: string): FastifyRequest {
  const raw = { headers: { authorization }, rawHeaders: ['Authorization', authorization] }
  return { raw, headers: raw.headers } as unknown as FastifyRequest
}

test('a key comes as a bearer, and under no other scheme', () => {
  assert.equal(OPENCHECKOUT.keyOf(sent(`Bearer ${KEY}`)), KEY)
  assert.equal(OPENCHECKOUT.keyOf(sent(`bearer ${KEY}`)), KEY)
  for (const other of ['', KEY, `Basic ${btoa(`${KEY}:`)}`, `Token ${KEY}`]) {
    assert.equal(OPENCHECKOUT.keyOf(sent(other)), undefined)
  }
})

test('a publishable key is as wrong as one that nobody has', () => {
  const said = { message: 'ours', param: undefined, detail: undefined }
  for (const [code, status] of [
    ['secret_key_required', 403],
    ['api_key_invalid', 401],
    ['api_key_missing', 401],
    ['api_key_expired', 401],
  ] as const) {
    assert.deepEqual(OPENCHECKOUT.spell({ code, status, ...said }, sent('')), {
      status: 401,
      body: { error: { type: 'authentication_error', message: 'Invalid API key' } },
    })
  }
})
