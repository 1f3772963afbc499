import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isBusy, QueueFull } from './overload.ts'

const coded = (code: unknown, more: object = {}) => Object.assign(new Error('x'), { code, ...more })
const CASES: readonly [name: string, error: unknown, busy: boolean][] = [
  ['a full queue', new QueueFull(), true],
  ['a connection that the database ended', coded('CONNECTION_CLOSED'), true],
  ['a database that shuts down', coded('57P01'), true],
  ['a socket that is not there yet', coded('ENOENT'), true],
  ['a connection to the database that was reset', coded('ECONNRESET'), true],
  ['a connection to the database that was closed while it was written to', coded('EPIPE'), true],
  ['a client that hung up: a body that broke off has a status', coded('ECONNRESET', { statusCode: 400 }), false],
  ['a row that may not be', coded('23505'), false],
  ['an error without a code', new Error('x'), false],
  ['a code that is no text', coded(57), false],
  ['no error at all', undefined, false],
]
for (const [name, error, busy] of CASES) {
  test(`${name} is ${busy ? 'busy' : 'not busy'}`, () => {
    assert.equal(isBusy(error), busy)
  })
}
