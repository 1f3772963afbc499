import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { ordinaryBasket, startTestTill } from '../../test/support/till.ts'
import type { Call } from './call.ts'
import { createSession } from './create-session.ts'
import { forgetOldKeys } from './forget-keys.ts'

const till = await startTestTill(import.meta.url)
after(till.stop)
const env = testEnv()
const context = { ...till.payments, env }
const { caller } = till

const DAY_MS = 24 * 60 * 60 * 1000
const make = async (key: string): Promise<boolean> => {
  const call: Call = { caller, requestId: 'req_test', key: { key, request: 'POST /x', parameters: {} } }
  const made = await createSession(context, call, ordinaryBasket())
  assert.ok(made.ok)
  return made.value.replayed
}

test('a key is good for thirty days, then it is forgotten and stands for a new request', async () => {
  const start = env.now()
  await make('old')
  env.setNow(new Date(start.getTime() + 2 * DAY_MS))
  await make('young')
  env.setNow(new Date(start.getTime() + 30 * DAY_MS))
  assert.equal(await forgetOldKeys(context), 0)
  assert.equal(await make('old'), true)
  env.setNow(new Date(start.getTime() + 30 * DAY_MS + 1))
  assert.equal(await forgetOldKeys(context), 1)
  assert.deepEqual([await make('old'), await make('young')], [false, true])
})

test('an account whose rows cannot be read does not keep the keys of the others', async () => {
  await make('at last')
  env.setNow(new Date(env.now().getTime() + 31 * DAY_MS))
  const [first] = await till.storage.listTenants()
  assert.ok(first !== undefined && first < caller.tenant, 'the account that fails comes first')
  const storage: typeof context.storage = {
    ...till.storage,
    tenantsWithOldKeys: till.storage.listTenants,
    forgetIdempotency: (tenant, ...given) =>
      tenant === first ? Promise.reject(new Error('unreadable')) : till.storage.forgetIdempotency(tenant, ...given),
  }
  await assert.rejects(forgetOldKeys({ ...context, storage }), { name: 'AggregateError', message: /1 of 2 accounts$/ })
  assert.equal(await make('at last'), false)
})
