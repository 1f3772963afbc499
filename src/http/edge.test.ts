import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { connect } from 'node:net'
import { after, test } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { gzipSync } from 'node:zlib'
import { startTestApi } from '../../test/support/api.ts'
import { QueueFull } from '../core/overload.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)
const shop = await api.openAccount()
await api.sdk(shop.secret) // opens the port

function portOf(): number {
  const address = api.app.server.address()
  return typeof address === 'object' && address ? address.port : 0
}

/** Bytes in, the whole answer out. */
function send(bytes: string): Promise<string> {
  const port = portOf()
  return new Promise((resolve, reject) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes, 'latin1'))
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
      if (/\r\n\r\n[\s\S]*\}\n?$/.test(answer)) socket.destroy()
    })
    socket.on('close', () => resolve(answer))
    socket.on('error', reject)
  })
}

const HEAD = `Host: x\r\nAuthorization: Bearer ${shop.secret}\r\n`
const RAW: readonly [name: string, request: string, status: number][] = [
  ['a plain request passes', `GET /v1/balance HTTP/1.1\r\n${HEAD}\r\n`, 200],
  ['two Host headers', `GET /v1/balance HTTP/1.1\r\nHost: y\r\n${HEAD}\r\n`, 400],
  ['no Host header', `GET /v1/balance HTTP/1.1\r\nAuthorization: Bearer ${shop.secret}\r\n\r\n`, 400],
  ['dots in a path', `GET /v1/../v1/balance HTTP/1.1\r\n${HEAD}\r\n`, 404],
  ['encoded dots in a path', `GET /v1/%2e%2e/v1/balance HTTP/1.1\r\n${HEAD}\r\n`, 404],
  ['an absolute-form target', `GET http://x/v1/balance HTTP/1.1\r\n${HEAD}\r\n`, 400],
  [
    'HTTP/1.0 with Transfer-Encoding',
    `POST /v1/customers HTTP/1.0\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  [
    'both lengths',
    `POST /v1/customers HTTP/1.1\r\n${HEAD}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    400,
  ],
  ['a bare line feed in a header', `GET /v1/balance HTTP/1.1\r\n${HEAD}X: a\nY: b\r\n\r\n`, 400],
  ['a header of 9 KB', `GET /v1/balance HTTP/1.1\r\n${HEAD}X: ${'a'.repeat(9000)}\r\n\r\n`, 431],
  ['two keys', `GET /v1/balance HTTP/1.1\r\n${HEAD}Authorization: Bearer x\r\n\r\n`, 400],
  [
    'two idempotency keys',
    `POST /v1/customers HTTP/1.1\r\n${HEAD}Idempotency-Key: a\r\nIdempotency-Key: b\r\nContent-Length: 0\r\n\r\n`,
    400,
  ],
  [
    'chunks with trailers',
    `POST /v1/customers HTTP/1.1\r\n${HEAD}Content-Type: application/x-www-form-urlencoded\r\n` +
      'Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n6\r\nname=a\r\n0\r\nX: y\r\n\r\n',
    200,
  ],
]
for (const [name, request, status] of RAW) {
  test(`on the wire: ${name}`, async () => {
    const answer = await send(request)
    assert.match(answer, new RegExp(`^HTTP/1\\.[01] ${status} `))
    assert.match(answer, /\r\nrequest-id: req_[0-9A-Za-z]{22}\r\n/i)
    if (status >= 400) assert.match(answer, /"doc_url": ?"https:\/\/pay\.example\/docs\/errors#/)
  })
}

test('who hangs up in the middle of a body is no failure of ours', async () => {
  const before = api.logged.length
  const socket = connect(portOf(), '127.0.0.1')
  const asked = once(api.app.server, 'request')
  const type = 'Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 1000'
  socket.write(`POST /v1/customers HTTP/1.1\r\n${HEAD}${type}\r\n\r\nname=`)
  const [request] = (await asked) as [IncomingMessage]
  // Whoever reads the body listens to it; from then on its end is the reader's to judge.
  while (request.listenerCount('data') === 0) await turn()
  const failed = once(request, 'error')
  socket.destroy()
  const [error] = (await failed) as [{ readonly code?: string }]
  assert.equal(error.code, 'ECONNRESET')
  await turn()
  assert.deepEqual(api.logged.slice(before), [])
})

const PATHS: readonly [path: string, status: number][] = [
  ['/v1/balance/', 200],
  ['/v1/balance;jsessionid=1', 404],
  ['/v1//balance', 404],
  ['/v1/customers/..%2f..%2fbalance', 404],
  ['/v1/customers/%252e%252e', 404],
  ['/v1/customers/%00', 404],
  ['/v1/customers/%zz', 400],
  ['/v1/customers/%ff', 400],
  [`/v1/customers/${'a'.repeat(101)}`, 404],
  ['/v1/nothing', 404],
  ['/v2/core/events', 404],
  ['/nothing', 404],
]
for (const [path, status] of PATHS) {
  test(`the path ${path.slice(0, 40)} is ${status}`, async () => {
    const reply = await api.ask(shop.secret, 'GET', path)
    assert.equal(reply.status, status)
    assert.match(String(reply.headers['request-id']), /^req_/)
    assert.equal(reply.headers['cache-control'], 'no-store')
    assert.equal(reply.headers['x-content-type-options'], 'nosniff')
    if (status >= 400) assert.equal(typeof reply.json.error.message, 'string')
  })
}

test('a method that a path does not have is 404, and HEAD answers as GET without a body', async () => {
  assert.equal((await api.ask(shop.secret, 'DELETE', '/v1/balance')).status, 404)
  const head = await api.ask(shop.secret, 'HEAD', '/v1/balance')
  assert.equal(head.status, 200)
  assert.equal(head.text, '')
})

test('a header cannot turn a read into a deletion', async () => {
  const made = await api.ask(shop.secret, 'POST', '/v1/customers', 'name=Jenny')
  for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
    await api.ask(shop.secret, 'POST', `/v1/customers/${made.json.id}?_method=DELETE`, 'name=Jenny', {
      [name]: 'DELETE',
    })
  }
  assert.equal((await api.ask(shop.secret, 'GET', `/v1/customers/${made.json.id}`)).json.name, 'Jenny')
})

const BODIES: readonly [name: string, type: string | undefined, body: string | Buffer, status: number, code: string][] =
  [
    ['no content type', undefined, 'name=x', 415, 'content_type_unsupported'],
    ['text', 'text/plain', 'name=x', 415, 'content_type_unsupported'],
    ['multipart', 'multipart/form-data; boundary=x', '--x--', 415, 'content_type_unsupported'],
    ['another charset', 'application/json; charset=utf-16', '{}', 415, 'content_type_unsupported'],
    ['33 KB', 'application/json', `{"name":"${'x'.repeat(33 * 1024)}"}`, 413, 'body_too_large'],
    ['no JSON', 'application/json', '{"name":', 400, 'body_invalid'],
    ['a JSON list', 'application/json', '[]', 400, 'body_invalid'],
    ['a JSON text', 'application/json', '"x"', 400, 'body_invalid'],
    ['a byte order mark', 'application/json', '\ufeff{}', 400, 'body_invalid'],
    ['bytes that are not UTF-8', 'application/json', Buffer.from('7b2261223a22ff227d', 'hex'), 400, 'body_invalid'],
    ['depth 10 000', 'application/json', '['.repeat(10_000), 400, 'body_invalid'],
    ['a key twice', 'application/json', '{"name":"a","name":"b"}', 400, 'body_invalid'],
    ['__proto__', 'application/json', '{"__proto__":{"a":1}}', 400, 'body_invalid'],
    ['constructor in a form', 'application/x-www-form-urlencoded', 'constructor[prototype]=1', 400, 'body_invalid'],
  ]
for (const [name, type, payload, status, code] of BODIES) {
  test(`a body of ${name} is ${status} ${code}`, async () => {
    const reply = await api.app.inject({
      method: 'POST',
      url: '/v1/customers',
      headers: { authorization: `Bearer ${shop.secret}`, ...(type ? { 'content-type': type } : {}) },
      payload,
    })
    assert.equal(reply.statusCode, status)
    assert.equal(reply.json().error.code, code)
    assert.equal(({} as { a?: number }).a, undefined)
  })
}

test('a compressed body is refused before it is unpacked', async () => {
  const reply = await api.app.inject({
    method: 'POST',
    url: '/v1/customers',
    headers: {
      authorization: `Bearer ${shop.secret}`,
      'content-type': 'application/json',
      'content-encoding': 'gzip',
    },
    payload: gzipSync('{}'),
  })
  assert.equal(reply.statusCode, 415)
  assert.equal(reply.json().error.code, 'content_encoding_unsupported')
})

test('a POST without a body and without a type is an empty request', async () => {
  const reply = await api.ask(shop.secret, 'POST', '/v1/customers')
  assert.equal(reply.status, 200)
})

test('the bare address says what this is, and where its errors and test cards stand', async () => {
  const page = await api.ask(undefined, 'GET', '/')
  assert.equal(page.status, 200)
  assert.match(page.text, /To pay, open the link that your shop gave you\./)
  assert.match(page.text, /href="\/docs\/errors"/)
})

test('the page of errors is served without a key', async () => {
  const page = await api.ask(undefined, 'GET', '/docs/errors')
  assert.equal(page.status, 200)
  assert.match(page.text, /id="parameter_unknown"/)
})

test('a failure of our own is a 500 with a request id, logged once, without a word of what failed', async () => {
  const broken = await startTestApi(`${import.meta.url}.broken.test.ts`)
  const { secret } = await broken.openAccount()
  const failing = { 'a secret detail of a row': 'x' }
  const original = broken.storage.findCustomer
  Object.assign(broken.storage, {
    findCustomer: () => Promise.reject(Object.assign(new Error('select * from customers 4242424242424242'), failing)),
  })
  const reply = await broken.ask(secret, 'GET', `/v1/customers/${await aCustomer(broken, secret)}`)
  assert.equal(reply.status, 500)
  assert.equal(reply.json.error.type, 'api_error')
  assert.equal(reply.json.error.request_id, reply.headers['request-id'])
  assert.ok(!reply.text.includes('select') && !reply.text.includes('at '))
  const lines = broken.logged.filter((line) => line.startsWith('internal_error'))
  assert.equal(lines.length, 1)
  assert.ok(lines[0]?.includes(String(reply.headers['request-id'])))
  assert.ok(!broken.logged.some((line) => line.includes('4242424242424242') || line.includes('secret detail')))
  assert.ok(!broken.logged.some((line) => line.includes(secret)))

  Object.assign(broken.storage, { findCustomer: () => Promise.reject(new QueueFull()) })
  const busy = await broken.ask(secret, 'GET', `/v1/customers/${await aCustomer(broken, secret)}`)
  assert.equal(busy.status, 503)
  assert.equal(busy.headers['stripe-should-retry'], 'true')
  assert.equal(busy.headers['retry-after'], '1')
  Object.assign(broken.storage, { findCustomer: original })
  await broken.stop()
})

async function aCustomer(from: typeof api, secret: string): Promise<string> {
  return (await from.ask(secret, 'POST', '/v1/customers', 'name=x')).json.id
}

test('every wait on a connection has an end', () => {
  const { server } = api.app
  assert.equal(server.headersTimeout, 10_000)
  assert.equal(server.requestTimeout, 20_000)
  assert.equal(server.keepAliveTimeout, 65_000)
  assert.equal(server.maxRequestsPerSocket, 10_000)
  assert.equal(server.maxConnections, 5_000)
})

test('a program gets dense JSON, a person with curl gets lines, and both the same', async () => {
  const dense = await api.ask(shop.secret, 'GET', '/v1/balance', undefined, { accept: 'application/json' })
  const lines = await api.ask(shop.secret, 'GET', '/v1/balance', undefined, { accept: '*/*' })
  assert.doesNotMatch(dense.text, /\n/)
  assert.match(lines.text, /^\{\n {2}"object": "balance",\n/)
  assert.deepEqual(lines.json, dense.json)
})

for (const body of ['', '{x', '{"__proto__":1}']) {
  test(`a path that is not there is no fault of ours with the body ${JSON.stringify(body)}`, async () => {
    const headers = { 'content-type': 'application/json' }
    const reply = await api.app.inject({ method: 'POST', url: '/v2/nothing', headers, payload: body })
    assert.ok(reply.statusCode === 400 || reply.statusCode === 404, String(reply.statusCode))
  })
}
