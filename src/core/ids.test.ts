import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { Env } from './env.ts'
import {
  accountTenant,
  credentialOf,
  firstUuidAt,
  isLive,
  type Kind,
  liveTenant,
  nameOf,
  newUuid,
  otherMode,
  PREFIXES,
  parseName,
  provesCredential,
  splitCredential,
  type Tenant,
  testTenant,
  type Uuid,
  uuidToBytes,
} from './ids.ts'

const KINDS = Object.keys(PREFIXES) as Kind[]
const kind = fc.constantFrom(...KINDS)
const tenant = fc.integer({ min: 1, max: 2 ** 31 - 1 }) as fc.Arbitrary<Tenant>
const uuid = fc.uuid({ version: [7] }) as fc.Arbitrary<Uuid>
const millis = fc.integer({ min: 0, max: 2 ** 48 - 1 })
const secret = fc.uint8Array({ minLength: 32, maxLength: 32 })

function envAt(now: number, random = new Uint8Array(10)): Env {
  return {
    now: () => new Date(now),
    monotonicMs: () => 0,
    randomBytes: (length) => random.slice(0, length),
    sleep: () => Promise.resolve(),
  }
}

test('an account owns an even number for live and the next one for test', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 30 - 1 }), (account) => {
      const [live, trial] = [liveTenant(account), testTenant(account)]
      assert.deepEqual([isLive(live), isLive(trial)], [true, false])
      assert.deepEqual([otherMode(live), otherMode(trial)], [trial, live])
      assert.deepEqual([accountTenant(live), accountTenant(trial)], [live, live])
      assert.ok(trial <= 2 ** 31 - 1)
    }),
  )
})

test('a UUID carries version, variant, its millisecond and every random bit left', () => {
  const random = fc.uint8Array({ minLength: 10, maxLength: 10 })
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 8.64e15 - 1 }), random, (now, noise) => {
      const id = newUuid(envAt(now % 2 ** 48, noise))
      assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
      const bytes = uuidToBytes(id)
      assert.equal(Buffer.from(bytes).readUIntBE(0, 6), now % 2 ** 48)
      const expected = Uint8Array.from(noise)
      expected[0] = ((expected[0] ?? 0) & 0x0f) | 0x70
      expected[2] = ((expected[2] ?? 0) & 0x3f) | 0x80
      assert.deepEqual(bytes.slice(6), expected)
    }),
  )
})

test('UUIDs sort by their millisecond, and none made at a moment sorts before its first', () => {
  fc.assert(
    fc.property(millis, millis, (a, b) => {
      const [idA, idB] = [newUuid(envAt(a, new Uint8Array(10).fill(255))), newUuid(envAt(b))]
      if (a < b) assert.ok(idA < idB)
      assert.ok(firstUuidAt(new Date(b)) <= idB)
      if (a < b) assert.ok(idA < firstUuidAt(new Date(b)))
    }),
  )
})

test('a name comes back as it was made, in all kinds and tenants', () => {
  fc.assert(
    fc.property(kind, tenant, uuid, (of, whose, id) => {
      const name = nameOf(of, whose, id)
      assert.ok(name.startsWith(PREFIXES[of]))
      assert.deepEqual(parseName(of, name), { tenant: whose, id })
      assert.equal(new Set(KINDS.map((other) => parseName(other, name)?.id)).size, 2, 'no other kind reads it')
    }),
  )
})

test('sessions say their mode, and may not say the other', () => {
  fc.assert(
    fc.property(tenant, uuid, (whose, id) => {
      const name = nameOf('session', whose, id)
      assert.ok(name.startsWith(isLive(whose) ? 'cs_live_' : 'cs_test_'))
      const swapped = isLive(whose) ? name.replace('_live_', '_test_') : name.replace('_test_', '_live_')
      assert.equal(parseName('session', swapped), undefined)
    }),
  )
})

test('a name of a tenant that no column holds is none', () => {
  const id = newUuid(envAt(1_700_000_000_000))
  for (const tenant of [0, 2 ** 31, 2 ** 31 + 1, 2 ** 32 - 1]) {
    assert.equal(parseName('charge', nameOf('charge', tenant as Tenant, id)), undefined, String(tenant))
  }
  const largest = 2 ** 31 - 1
  assert.equal(parseName('charge', nameOf('charge', largest as Tenant, id))?.tenant, largest)
})

test('a name has one spelling', () => {
  fc.assert(
    fc.property(kind, tenant, uuid, fc.nat(), (of, whose, id, seed) => {
      const name = nameOf(of, whose, id)
      const at = name.length - 27 + (seed % 27)
      const letter = name[at] ?? ''
      const flipped = letter === letter.toUpperCase() ? letter.toLowerCase() : letter.toUpperCase()
      const prefix = name.slice(0, -27)
      const others = [
        name.slice(0, at) + flipped + name.slice(at + 1),
        `${prefix}0${name.slice(-27)}`,
        prefix + name.slice(-26),
        `${name}0`,
        ` ${name}`,
        `${name}\n`,
        `${prefix}${name}`,
        name.toUpperCase(),
        name.replace('_', '-'),
        prefix + 'z'.repeat(27),
        name.slice(-27),
        prefix,
        '',
      ]
      for (const other of others) {
        if (other === name) continue
        const read = parseName(of, other)
        assert.ok(read === undefined || nameOf(of, read.tenant, read.id) === other)
        assert.notDeepEqual(read, { tenant: whose, id })
      }
    }),
  )
})

test('whatever parses is spelled exactly so again', () => {
  const likeNames = fc.tuple(kind, fc.string({ unit: fc.constantFrom(...'01Zz_'), minLength: 25, maxLength: 29 }))
  fc.assert(
    fc.property(fc.oneof(likeNames, fc.tuple(kind, fc.string({ unit: 'binary' }))), ([of, text]) => {
      for (const candidate of [text, PREFIXES[of] + text]) {
        const read = parseName(of, candidate)
        assert.ok(read === undefined || nameOf(of, read.tenant, read.id) === candidate)
      }
    }),
  )
})

test('a credential proves its own secret and purpose, and no other', () => {
  fc.assert(
    fc.property(tenant, uuid, secret, secret, (whose, id, own, other) => {
      const name = nameOf('session', whose, id)
      const credential = credentialOf(name, own, 'page')
      const split = splitCredential(credential)
      assert.ok(split)
      assert.equal(split.name, name)
      assert.equal(provesCredential(split.claim, own, 'page'), true)
      assert.equal(provesCredential(split.claim, own, 'client'), false)
      assert.equal(provesCredential(split.claim, other, 'page'), Buffer.compare(own, other) === 0)
      assert.equal(parseName('session', credential), undefined, 'a credential is not a name')
    }),
  )
})

test('one changed digit of a claim proves nothing', () => {
  fc.assert(
    fc.property(secret, fc.nat(21), fc.constantFrom(...'09AZaz'), (own, at, digit) => {
      const claim = splitCredential(credentialOf('cs_x', own, 'page'))?.claim ?? ''
      const changed = claim.slice(0, at) + digit + claim.slice(at + 1)
      assert.equal(provesCredential(changed, own, 'page'), changed === claim)
    }),
  )
})

test('what is no credential is not split, and a strange claim is only wrong', () => {
  for (const text of ['', 'x'.repeat(22), 'x'.repeat(101)]) assert.equal(splitCredential(text), undefined)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), secret, (claim, own) => {
      assert.equal(provesCredential(claim, own, 'page'), false)
    }),
  )
})
