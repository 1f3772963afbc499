import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { authorizationBody, startTestBank } from '../../test/support/sandbox-bank.ts'

const bank = await startTestBank(import.meta.url)
after(bank.stop)

const PAN = '4242424242424242'
const card = (fields: object) => authorizationBody({ card: fields })
const secure = (fields: object) =>
  authorizationBody({ three_d_secure: { return_url: 'https://shop.example/back', request: 'automatic', ...fields } })
const without = (name: string) => {
  const { [name]: _gone, ...rest } = authorizationBody()
  return rest
}

const WRONG: readonly [string, unknown, string | undefined][] = [
  ['no reference', without('reference'), 'reference'],
  ['an empty reference', authorizationBody({ reference: '' }), 'reference'],
  ['a reference with a space', authorizationBody({ reference: 'a b' }), 'reference'],
  ['a reference too long', authorizationBody({ reference: 'x'.repeat(129) }), 'reference'],
  ['the card number as reference', authorizationBody({ reference: `ref-${PAN}` }), 'reference'],
  [
    'the card number as descriptor',
    authorizationBody({ statement_descriptor: '4242 4242 4242 4242' }),
    'statement_descriptor',
  ],
  ['no amount', without('amount'), 'amount'],
  ['an amount of nothing', authorizationBody({ amount: 0 }), 'amount'],
  ['a negative amount', authorizationBody({ amount: -1 }), 'amount'],
  ['a fraction', authorizationBody({ amount: 10.5 }), 'amount'],
  ['an amount as text', authorizationBody({ amount: '1000' }), 'amount'],
  ['an amount of 13 digits', authorizationBody({ amount: 1_000_000_000_000 }), 'amount'],
  ['a currency in small letters', authorizationBody({ currency: 'eur' }), 'currency'],
  ['capture as text', authorizationBody({ capture: 'true' }), 'capture'],
  ['no card', { ...authorizationBody(), card: undefined }, 'card'],
  ['a list as card', { ...authorizationBody(), card: [] }, 'card'],
  ['a number with spaces', card({ number: '4242 4242 4242 4242' }), 'card.number'],
  ['a number as a number', card({ number: 4242424242424242 }), 'card.number'],
  ['month 13', card({ exp_month: 13 }), 'card.exp_month'],
  ['month 0', card({ exp_month: '00' }), 'card.exp_month'],
  ['a year of two digits', card({ exp_year: 34 }), 'card.exp_year'],
  ['a CVC of four digits on a Visa', card({ cvc: '1234' }), 'card.cvc'],
  ['a CVC of three digits on an American Express', card({ number: '378282246310005', cvc: '123' }), 'card.cvc'],
  ['an unknown field', authorizationBody({ three_ds: {} }), 'three_ds'],
  ['3-D Secure without a way back', secure({ return_url: undefined }), 'three_d_secure.return_url'],
  ['a way back that runs', secure({ return_url: 'javascript:alert(1)' }), 'three_d_secure.return_url'],
  ['a way back with a password', secure({ return_url: 'https://a:b@shop.example/' }), 'three_d_secure.return_url'],
  ['a way back with the card', secure({ return_url: `https://shop.example/${PAN}` }), 'three_d_secure.return_url'],
  ['3-D Secure of another kind', secure({ request: 'always' }), 'three_d_secure.request'],
  ['stored as text', secure({ stored: 'true' }), 'three_d_secure.stored'],
  ['an unknown field of 3-D Secure', secure({ pan: 1 }), 'three_d_secure.pan'],
  ['a browser of another kind', secure({ browser: { screen_width: '390' } }), 'three_d_secure.browser.screen_width'],
  ['an unknown field of the card', card({ pin: '1234' }), 'card.pin'],
  ['a card number for a field', authorizationBody({ [PAN]: 1 }), undefined],
  ['a list', [], undefined],
  ['null', 'null', undefined],
  ['broken JSON around a card', `{"card": {"number": "${PAN}" oops`, undefined],
  ['prototype games', '{"__proto__": {"amount": 1}}', '__proto__'],
]
for (const [name, body, field] of WRONG)
  test(`${name} is refused by name, never repeated, never a 500`, async () => {
    const answer = await bank.send('POST', '/v1/authorizations', body)
    assert.equal(answer.status, 400)
    const error = answer.body.error as Record<string, unknown>
    assert.deepEqual([error.code, error.field], ['invalid_request', field])
    assert.ok(!JSON.stringify(answer.body).includes(PAN))
  })

test('a template may fill a card in as text and leave blanks', async () => {
  const fields = { exp_month: '07', exp_year: '2034', cvc: '', name: '', postal_code: '' }
  const answer = await bank.authorize({ card: fields })
  assert.equal(answer.status, 'authorized')
  assert.equal((answer.network as { cvc_check: string }).cvc_check, 'unavailable')
})

test('the largest amount and the longest reference pass', async () => {
  const { amount, reference } = await bank.authorize({ amount: 999_999_999_999, reference: 'y'.repeat(128) })
  assert.deepEqual([amount, reference], [999_999_999_999, 'y'.repeat(128)])
})

test('an operation names its wrong field too', async () => {
  const { id } = await bank.authorize()
  const cases: [string, object, string][] = [
    ['captures', {}, 'reference'],
    ['captures', { reference: 'r', amount: 0 }, 'amount'],
    ['captures', { reference: 'r', amount: 1001 }, 'amount'],
    ['voids', { reference: 'r', amount: 1 }, 'amount'],
    ['refunds', { reference: 'r', amount: '1' }, 'amount'],
  ]
  for (const [kind, body, field] of cases) {
    const answer = await bank.send('POST', `/v1/authorizations/${id}/${kind}`, body)
    assert.equal((answer.body.error as { field: string }).field, field, `${kind} ${JSON.stringify(body)}`)
    assert.ok([400, 409].includes(answer.status))
  }
})

test('queries are as strict', async () => {
  const cases: [string, string | undefined][] = [
    ['/v1/authorizations', 'reference'],
    ['/v1/authorizations?reference=', 'reference'],
    ['/v1/authorizations?reference=a&reference=b', 'reference'],
    ['/v1/operations?ref=a', 'ref'],
    ['/v1/books?limit=0', 'limit'],
    ['/v1/books?limit=1001', 'limit'],
    ['/v1/books?cursor=-1', 'cursor'],
    [`/v1/books?${PAN}=1`, undefined],
  ]
  for (const [path, field] of cases) {
    const { status, body } = await bank.send('GET', path)
    assert.deepEqual([status, (body.error as { field?: string }).field], [400, field], path)
  }
})

test('unknown paths, methods and ids are 404 in the same shape', async () => {
  const ghost = `auth_${'0'.repeat(32)}`
  const cases: ['GET' | 'POST', string][] = [
    ['GET', '/'],
    ['GET', '/v2/authorizations'],
    ['GET', `/v1/authorizations/${PAN}`],
    ['GET', `/v1/authorizations/${ghost}`],
    ['GET', `/v1/authorizations/${ghost}/captures`],
    ['POST', '/v1/books'],
    ['POST', `/v1/authorizations/${ghost}/captures`],
  ]
  for (const [method, path] of cases) {
    const { status, body } = await bank.send(method, path, method === 'POST' ? { reference: 'r' } : undefined)
    assert.equal(status, 404, path)
    assert.equal((body.error as { code: string }).code, 'not_found')
  }
})

test('a body over 32 KB, of another type, or not in UTF-8 is refused', async () => {
  const large = authorizationBody({ card: { name: 'x'.repeat(33_000) } })
  assert.equal((await bank.send('POST', '/v1/authorizations', large)).status, 413)
  const post = async (type: string, body: BodyInit) => {
    const headers = { authorization: 'Bearer bank_shop', 'content-type': type }
    const answer = await fetch(`${bank.url}/v1/authorizations`, { method: 'POST', headers, body })
    await answer.body?.cancel()
    return answer.status
  }
  assert.equal(await post('text/plain', '{}'), 415)
  assert.equal(await post('application/json', new Uint8Array([0x7b, 0xff, 0x7d])), 400)
})

test('an idempotency key is visible ASCII, of bounded length, and not the card number', async () => {
  for (const key of ['a b', 'x'.repeat(256), `key-${PAN}`]) {
    const { status, body } = await bank.send('POST', '/v1/authorizations', authorizationBody(), { key })
    assert.deepEqual([status, (body.error as { field: string }).field], [400, 'Idempotency-Key'])
  }
})

test('a failure of the bank itself is a 500 with a request id and no detail', async () => {
  await bank.db.sql`alter table operations rename to operations_gone`
  const answer = await bank.send('GET', '/v1/operations?reference=a')
  await bank.db.sql`alter table operations_gone rename to operations`
  assert.equal(answer.status, 500)
  const { code, message } = answer.body.error as Record<string, string>
  assert.equal(code, 'internal_error')
  assert.ok(message?.includes(answer.headers.get('request-id') ?? 'missing'))
  assert.ok(!message?.includes('operations'))
  assert.ok(bank.logged.some((line) => line.includes('operations') && line.includes('sandbox bank failed')))
})
