import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createKey } from '../../../src/flows/open-account.ts'
import { startTestApi } from '../../support/api.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)

test('secpaid 21: the 61st request of a key within a minute is one too many', async () => {
  const shop = await api.openAccount()
  const other = (await createKey(api, shop.tenant, 'secret')).text
  const ask = async (token: string) =>
    api.app.inject({ method: 'POST', url: '/api/v2/getMyUnusedLinks', headers: { token } })
  for (let request = 1; request <= 60; request++) assert.equal((await ask(shop.secret)).statusCode, 200)
  const refused = await ask(shop.secret)
  assert.deepEqual([refused.statusCode, refused.headers['retry-after']], [429, '60'])
  assert.deepEqual([refused.json().ResponseCode, refused.json().Result], [0, 'False'])
  assert.equal((await ask(other)).statusCode, 200)
  await api.env.advance(60_000)
  assert.equal((await ask(shop.secret)).statusCode, 200)
})
