import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import type { Door } from '../../src/core/session.ts'
import { type RunningOpentill, startTestOpentill } from '../support/opentill.ts'
import { payByForm } from './pay-by-form.ts'
import { type Received, type Receiver, startReceiver } from './receiver.ts'
import { SPELLINGS } from './spellings.ts'

/** One session, several spellings: made through any door, read through every door, told to every endpoint in its form. */
let till: RunningOpentill
let shop: Receiver
before(async () => {
  till = await startTestOpentill(import.meta.url)
  shop = await startReceiver()
  await till.stripe.rawRequest('POST', '/v1/account/settings', {
    doors: ['opencheckout', 'ozura', 'bpc', 'hsrc', 'secpaid'],
  })
  for (const { door } of SPELLINGS.filter(({ paidIn }) => paidIn)) {
    await till.stripe.rawRequest('POST', '/v1/webhook_endpoints', {
      url: `${shop.url}/${door}`,
      enabled_events: ['*'],
      door,
    })
  }
})
after(async () => {
  await till?.stop()
  await shop?.stop()
})

/** What every door calls the session that was made last. */
async function namesOfLast(): Promise<Readonly<Record<string, string>>> {
  const [last] = (await till.stripe.checkout.sessions.list({ limit: 1 })).data
  const names = await till.stripe.rawRequest('GET', `/v1/checkout/sessions/${last?.id}/names`)
  const { id, ...rest } = names as unknown as Readonly<Record<string, string>>
  return { ...rest, native: id ?? '' }
}

const told = (door: Door, name: string | undefined) => (request: Received) => {
  const { paidIn } = SPELLINGS.find((one) => one.door === door) ?? {}
  return request.url.pathname === `/${door}` && paidIn?.(request.body.toString()) === name
}

for (const maker of SPELLINGS) {
  test(`a session that was made through ${maker.door} is one session at every door`, async () => {
    const { name, payUrl } = await maker.make(till)
    const names = await namesOfLast()
    assert.equal(names[maker.door], name)
    const seen = async () =>
      Promise.all(
        SPELLINGS.map(async ({ door, read }) => {
          const { state, amount } = await read(till, names[door] ?? '')
          assert.equal(amount, '24.00', door)
          return [door, state] as const
        }),
      )
    assert.deepEqual(
      await seen(),
      SPELLINGS.map(({ door, states }) => [door, states.open]),
    )
    assert.match(await payByForm(payUrl), /^https:\/\/shop\.example\/done/)
    assert.deepEqual(
      await seen(),
      SPELLINGS.map(({ door, states }) => [door, states.paid]),
    )
    for (const { door, paidIn } of SPELLINGS) {
      if (paidIn) await shop.wait(`the event of ${door}`, told(door, names[door]))
    }
  })
}

test('a name of one door opens nothing at another', async () => {
  await SPELLINGS[0]?.make(till)
  const names = await namesOfLast()
  for (const { door, read } of SPELLINGS) {
    for (const other of SPELLINGS.filter((one) => one.door !== door)) {
      await assert.rejects(read(till, names[other.door] ?? ''), `${other.door}'s name at ${door}`)
    }
  }
})
