import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { ordinaryBasket, startTestTill } from '../../test/support/till.ts'
import type { Door, Session } from '../core/session.ts'
import { createSession } from './create-session.ts'
import type { NewSessionInput } from './session-input.ts'

const env = testEnv()
const till = await startTestTill(import.meta.url, { env })
after(till.stop)
const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const by = (door: Door) => ({ caller: { ...till.caller, door } })
const create = (input: Partial<NewSessionInput>, door: Door = 'native') =>
  createSession(till.payments, { ...by(door), requestId: 'req_test', key: null }, { ...ordinaryBasket(), ...input })
const lifeOf = ({ createdAt, expiresAt }: Session) => expiresAt.getTime() - createdAt.getTime()

describe('a door’s manners', () => {
  const MANNERS: readonly [Door, maxTries: number, cancelEnds: boolean, lifeMs: number][] = [
    ['native', 5, false, DAY],
    ['opencheckout', 5, false, DAY],
    ['ozura', 5, true, 15 * MINUTE],
    ['bpc', 1, false, 20 * MINUTE],
    ['hsrc', 5, true, 30 * MINUTE],
    ['secpaid', 5, true, 30 * DAY],
  ]
  for (const [door, maxTries, cancelEnds, lifeMs] of MANNERS) {
    test(`${door} has its own, and a request may have others`, async () => {
      const usual = await till.openSession({}, by(door))
      assert.equal(usual.document.troubleEnds, door === 'ozura' ? true : undefined)
      assert.deepEqual([usual.maxTries, usual.cancelEnds, lifeOf(usual)], [maxTries, cancelEnds, lifeMs])
      const expiresAt = new Date(env.now().getTime() + 7 * MINUTE)
      const own = await till.openSession({ maxTries: 20, expiresAt, cancelable: false }, by(door))
      assert.deepEqual([own.maxTries, own.cancelEnds, lifeOf(own)], [20, false, 7 * MINUTE])
      assert.equal(own.document.cancelable, false)
    })
  }

  test('beyond a month, or below a minute, is refused at every door', async () => {
    for (const ms of [31 * DAY, 30_000, -MINUTE]) {
      const made = await create({ expiresAt: new Date(env.now().getTime() + ms) }, 'secpaid')
      assert.deepEqual(made, { ok: false, refusal: { code: 'expiry_out_of_range', param: 'expires_at' } })
    }
  })
})

describe('what a door gives a session', () => {
  test('is kept, and comes back as it was', async () => {
    const given = {
      failureUrl: 'https://shop.example/failed?id={CHECKOUT_SESSION_ID}',
      displayName: 'Pop-up store',
      dialect: { note: 'äöü 👍 \\u0000', list: [1, 2.5, null, true, { deep: '' }], empty: {} },
    }
    const made = await till.openSession(given)
    const kept = (await till.storage.findSessionView(made.tenant, made.id))?.session.document
    for (const document of [made.document, kept]) {
      const { failureUrl, displayName, dialect } = document ?? {}
      assert.deepEqual({ failureUrl, displayName, dialect }, given)
    }
  })

  test('adds nothing to a session that has none of it', async () => {
    const { document } = await till.openSession()
    assert.deepEqual(Object.keys(document).sort(), ['cancelUrl', 'clientReferenceId', 'lineItems', 'successUrl'])
  })

  test('leads shoppers of a failure only where the account allows it', async () => {
    for (const failureUrl of ['http://shop.example/failed', 'javascript:alert(1)', 'https://a:b@shop.example/']) {
      const made = await create({ failureUrl })
      assert.deepEqual(!made.ok && [made.refusal.code, made.refusal.param], ['return_url_refused', 'failure_url'])
    }
  })

  test('lines that are no goods count like the others', async () => {
    const line = (name: string, unitAmount: bigint) =>
      ({ priceData: { currency: 'EUR' as never, unitAmount, productData: { name } }, quantity: 1 }) as const
    const kinds = ['surcharge', 'tax', 'shipping'] as const
    const { amountTotal, document } = await till.openSession({
      lineItems: [line('Book', 1000n), ...kinds.map((kind) => ({ ...line(kind, 10n), kind }))],
    })
    assert.equal(amountTotal, 1030n)
    assert.deepEqual(
      document.lineItems.map(({ kind }) => kind),
      [undefined, ...kinds],
    )
  })

  test('has limits even where a parser forgot them', async () => {
    const cyclic: Record<string, unknown> = {}
    cyclic.self = cyclic
    const beyond: Partial<NewSessionInput>[] = [
      { maxTries: 0 },
      { maxTries: 21 },
      { maxTries: 1.5 },
      { displayName: '' },
      { displayName: 'x'.repeat(101) },
      { displayName: 'Pay 4242 4242 4242 4242' },
      { dialect: { text: 'x'.repeat(12 * 1024) } },
      { dialect: { nul: '\u0000' } },
      { dialect: { half: '\ud800' } },
      { dialect: { '\u0000': 1 } },
      { dialect: { big: 1n } },
      { dialect: { gap: undefined } },
      { dialect: { number: Number.NaN } },
      { dialect: [] as never },
      { dialect: cyclic },
    ]
    for (const input of beyond) await assert.rejects(create(input), RangeError)
    assert.equal((await till.openSession({ dialect: { text: 'x'.repeat(12 * 1024 - 11) } })).state, 'open')
  })
})
