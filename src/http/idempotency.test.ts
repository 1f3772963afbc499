import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, test } from 'node:test'
import { startTestApi } from '../../test/support/api.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)
const { secret: key, tenant } = await api.openAccount()

const PLACE = '/v1/webhook_endpoints'
const secret = 'password1'
const body = { url: 'https://shop.example/hook', door: 'bpc', enabled_events: ['*'], secret }
const keyed = (name: string, parameters: object = body) =>
  api.ask(key, 'POST', PLACE, parameters, { 'idempotency-key': name })
const unkeyed = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 12)

test('what is kept beside an idempotency key finds no weak secret by guessing', async () => {
  const made = await keyed('one')
  assert.equal(made.status, 200)
  const row = await api.storage.findIdempotency(tenant, 'native', 'one')
  assert.match(row?.parameters.secret ?? '', /^[0-9a-f]{12}$/)
  for (const [name, value] of Object.entries(body)) assert.notEqual(row?.parameters[name], unkeyed(value), name)
  assert.equal((await keyed('one')).json.id, made.json.id)
  const other = await keyed('one', { ...body, secret: 'password2' })
  assert.deepEqual([other.json.error.code, other.json.error.param], ['idempotency_mismatch', 'secret'])
})

test('a row of an earlier release is compared as it was written', async () => {
  const made = await keyed('two')
  const earlier = Object.fromEntries(Object.entries(body).map(([name, value]) => [name, unkeyed(value)]))
  await api.sql`update idempotency set parameters = ${JSON.stringify(earlier)}::text::jsonb where key = 'two'`
  assert.equal((await keyed('two')).json.id, made.json.id)
  const other = await keyed('two', { ...body, secret: 'password2' })
  assert.deepEqual([other.status, other.json.error.code], [400, 'idempotency_mismatch'])
})
