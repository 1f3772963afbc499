import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { base58Encode } from '../../../core/base58.ts'
import type { Uuid } from '../../../core/ids.ts'
import { bpcId, parseBpcId } from './ids.ts'

const UUID = 'b8dd201e-5da0-4655-bc31-c3470698c172' as Uuid
const ID = 'ps_2GRSj4LvzJK36nesSKyURHRdbCiztLZowGhHmmuXDe4LdQPk2igBHb'
const spelled = (inner: string) => `ps_${base58Encode(Buffer.from(inner))}`

test('the SDKs’ own vector', () => {
  assert.equal(bpcId('session', UUID), ID)
  assert.equal(parseBpcId('session', ID), UUID)
})

test('every kind comes back from its own id, and from no other’s', () => {
  const kinds = ['session', 'payment', 'method', 'refund'] as const
  fc.assert(
    fc.property(fc.uuid(), fc.constantFrom(...kinds), fc.constantFrom(...kinds), (uuid, kind, other) => {
      const id = bpcId(kind, uuid as Uuid)
      assert.match(id, /^(?:ps|pp|pm|re)_[1-9A-HJ-NP-Za-km-z]+$/)
      assert.equal(parseBpcId(other, id), other === kind ? uuid : undefined)
    }),
  )
})

const STRANGE: readonly (readonly [what: string, id: string])[] = [
  ['nothing', ''],
  ['the letters alone', 'ps_'],
  ['no inner letters', spelled(UUID)],
  ['other inner letters', spelled(`pp:${UUID}`)],
  ['upper case', spelled(`ps:${UUID.toUpperCase()}`)],
  ['no dashes', spelled(`ps:${UUID.replaceAll('-', '')}`)],
  ['a byte too many', spelled(`ps:${UUID}0`)],
  ['a zero byte in front', `ps_1${ID.slice(3)}`],
  ['a line break behind', `${ID}\n`],
  ['a letter that is no digit', `${ID.slice(0, -1)}0`],
  ['the inner text as it is', `ps_${UUID}`],
  ['a letter beyond ASCII', spelled(`ps:${UUID.slice(0, -2)}é`)],
  ['very much', `ps_${'2'.repeat(100_000)}`],
]
for (const [what, id] of STRANGE) {
  test(`${what} is no id`, () => assert.equal(parseBpcId('session', id), undefined))
}
