import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { testEnv } from '../../test/support/env.ts'
import { type HttpClient, HttpError, type HttpRequest } from '../core/env.ts'
import { makeEnv } from '../env.ts'
import { createEgress, type Egress, type EgressPolicy } from './egress.ts'
import { CutAnswer } from './exchange.ts'
import type { Address } from './open-socket.ts'
import type { ResolveName } from './resolve-name.ts'

/** Made for these tests alone, for shop.example; it opens nothing. */
const KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0rTwDp4W1ZV/gpLZ
1xIqtTpV5X8NbUUV5Z1RxaUjTNOhRANCAASfLjkKNWZ8tB4q4XTQrxr+pHaudaEO
jgkT+I1K/3jeRcLuqnXTuAmF/IHzVqb4huF0xrz5XPpTXGAlQ3J60Lel
-----END PRIVATE KEY-----`
const CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBnjCCAUSgAwIBAgIUPV61axBay1AKYw+LJ8eIOxOEu6MwCgYIKoZIzj0EAwIw
FzEVMBMGA1UEAwwMc2hvcC5leGFtcGxlMCAXDTI2MTEyMTAyMTMwN1oYDzIxMjYx
MDI4MDIxMzA3WjAXMRUwEwYDVQQDDAxzaG9wLmV4YW1wbGUwWTATBgcqhkjOPQIB
BggqhkjOPQMBBwNCAASfLjkKNWZ8tB4q4XTQrxr+pHaudaEOjgkT+I1K/3jeRcLu
qnXTuAmF/IHzVqb4huF0xrz5XPpTXGAlQ3J60Lelo2wwajAdBgNVHQ4EFgQU1hD/
7ulTkrXBFs8JFTRAkL/y1J4wHwYDVR0jBBgwFoAU1hD/7ulTkrXBFs8JFTRAkL/y
1J4wDwYDVR0TAQH/BAUwAwEB/zAXBgNVHREEEDAOggxzaG9wLmV4YW1wbGUwCgYI
KoZIzj0EAwIDSAAwRQIhAMtgP4J4xQkDcoHCaoBJrsqmlW8raiHFSmGnPetmGFG7
AiAPRyJtfUfIuEG+7kdO3IKS7hXTbX0EL19GcHQulzxmew==
-----END CERTIFICATE-----`

const OPEN: EgressPolicy = { publicHosts: true, loopback: true, allowHosts: [] }
const CLOSED: EgressPolicy = { publicHosts: true, loopback: false, allowHosts: [] }
const LIMIT = 64 * 1024

const servers: { stop(): Promise<void> }[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

async function listen<T extends Server>(server: T): Promise<{ port: number; connections: () => number }> {
  const sockets = new Set<Socket>()
  let connections = 0
  server.on('connection', (socket: Socket) => {
    connections++
    sockets.add(socket.on('close', () => sockets.delete(socket)).on('error', () => {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push({
    async stop() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  })
  return { port: (server.address() as AddressInfo).port, connections: () => connections }
}

const receiver = (answer: RequestListener) => listen(createServer(answer))

function egress(policy: EgressPolicy, more: Partial<Egress> = {}): HttpClient {
  return createEgress({ env: testEnv(), policy, assertNoTransaction: () => {}, ...more })
}

const to = (url: string): HttpRequest => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'application/json' },
  body: '{"a":1}',
  timeoutMs: 15_000,
  maxResponseBytes: LIMIT,
})

async function failure(call: Promise<unknown>): Promise<HttpError> {
  const error = await call.then(
    () => assert.fail('the call went through'),
    (reason: unknown) => reason,
  )
  assert.ok(error instanceof HttpError, String(error))
  return error
}

describe('an ordinary call', () => {
  test('carries method, path, headers and body, and brings back status, headers and body', async () => {
    const seen: unknown[] = []
    const { port } = await receiver(async (request, response) => {
      const chunks: Buffer[] = []
      for await (const chunk of request) chunks.push(chunk as Buffer)
      seen.push([
        request.method,
        request.url,
        request.headers.host,
        request.headers['x-a'],
        request.headers['content-length'],
        Buffer.concat(chunks).toString(),
      ])
      response.writeHead(202, { 'x-b': ['one', 'two'] }).end('thanks')
    })
    const answer = await egress(OPEN)({ ...to(`http://127.0.0.1:${port}/hooks?x=1`), headers: { 'x-a': 'yes' } })
    assert.deepEqual(seen, [['POST', '/hooks?x=1', `127.0.0.1:${port}`, 'yes', '7', '{"a":1}']])
    assert.equal(answer.status, 202)
    assert.equal(answer.headers['x-b'], 'one, two')
    assert.equal(Buffer.from(answer.body).toString(), 'thanks')
  })

  test('asks first whether a transaction is open, and then does not resolve, let alone connect', async () => {
    const asked: string[] = []
    const client = egress(CLOSED, {
      assertNoTransaction() {
        throw new Error('a transaction is open')
      },
      async resolve({ host }) {
        asked.push(host)
        return []
      },
    })
    await assert.rejects(client(to('https://shop.example/')), /a transaction is open/)
    assert.deepEqual(asked, [])
  })

  test('follows no redirect', async () => {
    const { port, connections } = await receiver((_, response) => {
      response.writeHead(307, { location: '/elsewhere' }).end()
    })
    const answer = await egress(OPEN)(to(`http://localhost:${port}/`))
    assert.equal(answer.status, 307)
    assert.equal(connections(), 1)
  })

  test('takes no proxy from the environment', async (t) => {
    const proxy = await receiver((_, response) => response.writeHead(200).end('proxied'))
    const shop = await receiver((_, response) => response.writeHead(200).end('direct'))
    const names = ['http_proxy', 'HTTP_PROXY', 'https_proxy', 'NODE_USE_ENV_PROXY']
    const before = names.map((name) => [name, process.env[name]] as const)
    t.after(() => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name]
        else process.env[name] = value
      }
    })
    for (const name of names) process.env[name] = name.endsWith('ENV_PROXY') ? '1' : `http://127.0.0.1:${proxy.port}`
    const answer = await egress(OPEN)(to(`http://127.0.0.1:${shop.port}/`))
    assert.equal(Buffer.from(answer.body).toString(), 'direct')
    assert.equal(proxy.connections(), 0)
  })

  test('a host on the list may be anywhere; with public hosts off, nothing else may be called', async () => {
    const { port } = await receiver((_, response) => response.writeHead(200).end())
    const listed = egress({ publicHosts: false, loopback: false, allowHosts: [`127.0.0.1:${port}`] })
    assert.equal((await listed(to(`http://127.0.0.1:${port}/`))).status, 200)
    for (const url of [`http://127.0.0.1:${port + 1}/`, `http://localhost:${port}/`, 'https://8.8.8.8/']) {
      assert.equal((await failure(listed(to(url)))).outcome, 'not_sent')
    }
  })
})

test('our own servers are never called, by whatever name of this machine, and even where they are listed', async () => {
  const { port, connections } = await receiver((_, response) => response.writeHead(200).end())
  const other = await receiver((_, response) => response.writeHead(200).end())
  const policy = {
    ...OPEN,
    allowHosts: [`127.0.0.1:${port}`],
    never: [`http://localhost:${port}`, 'https://pay.example'],
  }
  const client = egress(policy, { resolve: () => assert.fail('nothing is resolved') })
  const own = [`http://127.0.0.1:${port}/v1/events`, `http://localhost:${port}/`, `http://[::1]:${port}/`]
  for (const url of [...own, `http://0x7f.1:${port}/`, 'https://pay.example/', 'https://PAY.example:443/x']) {
    const error = await failure(client(to(url)))
    assert.deepEqual([error.outcome, error.message], ['not_sent', 'the URL is one of this server itself'])
  }
  assert.equal(connections(), 0)
  assert.equal((await client(to(`http://127.0.0.1:${other.port}/`))).status, 200)
})

test('odd ports, schemes, spellings and lengths are refused before anything is resolved', async () => {
  const client = egress(CLOSED, { resolve: () => assert.fail('nothing is resolved') })
  const urls = [
    ...[22, 25, 80, 5432, 6379, 9200, 11211].map((port) => `https://shop.example:${port}/`),
    'javascript:alert(1)',
    'data:text/html,x',
    'file:///etc/passwd',
    'gopher://shop.example/',
    'https://user:secret@shop.example/',
    'https://shop.example\\@evil.example/',
    'https://shop.example/\t',
    'https://shop.example./',
    'https://[fe80::1%25lo]/',
    `https://shop.example/${'x'.repeat(10_000)}`,
  ]
  for (const url of urls) {
    const error = await failure(client(to(url)))
    assert.equal(error.outcome, 'not_sent', url.slice(0, 60))
    assert.doesNotMatch(error.message, /secret/)
  }
})

test('a listed host is meant with the port of the scheme that is used, and with no other', async () => {
  const asked: string[] = []
  const resolve: ResolveName = async ({ host }) => {
    asked.push(host)
    return []
  }
  const listed = ['bank.example', 'other.example:443']
  const client = egress({ publicHosts: false, loopback: false, allowHosts: listed }, { resolve })
  for (const url of ['https://bank.example/', 'https://other.example/', 'https://bank.example:8443/']) {
    await failure(client(to(url)))
  }
  assert.deepEqual(asked, ['bank.example', 'other.example'])
})

describe('forbidden addresses', () => {
  const LITERALS = [
    '127.0.0.1',
    '127.1',
    '0x7f.1',
    '2130706433',
    '0177.0.0.1',
    '①②⑦.⓪.⓪.①',
    '0',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '169.254.169.254',
    '168.63.129.16',
    '198.18.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '[::1]',
    '[::]',
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[64:ff9b::7f00:1]',
    '[2002:7f00:1::]',
    '[fe80::1]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[2001:db8::1]',
    '[2001::1]',
    'localhost',
    'localhost.',
    'a.localhost',
    'metadata.google.internal',
    'printer.local',
  ]
  for (const host of LITERALS) {
    test(`${host} is not connected to`, async () => {
      const { port, connections } = await receiver((_, response) => response.writeHead(200).end())
      const local = (): Promise<readonly Address[]> => Promise.resolve([{ address: '127.0.0.1', family: 4 }])
      const client = egress(CLOSED, { resolve: local })
      for (const scheme of ['https', 'http']) {
        const error = await failure(client(to(`${scheme}://${host}:${port}/`)))
        assert.equal(error.outcome, 'not_sent')
        assert.doesNotMatch(error.message, /\d+\.\d+\.\d+/)
      }
      assert.equal(connections(), 0)
    })
  }

  test('loopback for test mode opens loopback names only, not names that resolve there', async () => {
    const { port, connections } = await receiver((_, response) => response.writeHead(200).end())
    const client = egress(OPEN, { resolve: async () => [{ address: '127.0.0.1', family: 4 }] })
    assert.equal((await failure(client(to(`https://shop.example:${port}/`)))).outcome, 'not_sent')
    assert.equal((await failure(client(to(`https://10.0.0.1:${port}/`)))).outcome, 'not_sent')
    assert.equal(connections(), 0)
    assert.equal((await client(to(`http://localhost:${port}/`))).status, 200)
  })

  const PUBLIC = Array.from({ length: 49 }, (_, at) => ({ address: `8.8.4.${at + 1}`, family: 4 }))
  const POISONED: readonly [string, readonly Address[]][] = [
    ['one private address among fifty', [...PUBLIC, { address: '10.0.0.1', family: 4 }]],
    ['a private IPv6 address beside a public IPv4', [...PUBLIC.slice(0, 1), { address: 'fd00::1', family: 6 }]],
    ['a mapped loopback address', [{ address: '::ffff:127.0.0.1', family: 6 }]],
    ['a scoped address', [{ address: 'fe80::1%lo', family: 6 }]],
    ['no address', []],
    ['hundreds of addresses', Array.from({ length: 300 }, () => ({ address: '8.8.8.8', family: 4 }))],
  ]
  for (const [name, addresses] of POISONED) {
    test(`a name with ${name} is refused`, async () => {
      const error = await failure(egress(CLOSED, { resolve: async () => addresses })(to('https://shop.example/')))
      assert.equal(error.outcome, 'not_sent')
      assert.match(error.message, /^the host has/)
    })
  }

  test('a resolver that changes its mind is asked once, and the judged address is the one called', async () => {
    const inside = await receiver((_, response) => response.writeHead(200).end('inside'))
    const answers: Address[] = [
      { address: '127.0.0.1', family: 4 },
      { address: '127.0.0.9', family: 4 },
    ]
    let asked = 0
    const resolve = async () => answers.slice(asked++, asked)
    const rebinding = egress({ ...CLOSED, allowHosts: [`shop.example:${inside.port}`] }, { resolve })
    const answer = await rebinding(to(`http://shop.example:${inside.port}/`))
    assert.equal(Buffer.from(answer.body).toString(), 'inside')
    assert.equal(asked, 1)
  })
})

describe('TLS', () => {
  async function shop(name: string, authority?: string) {
    const { port } = await listen(
      createTlsServer({ key: KEY, cert: CERTIFICATE }, (request, response) => response.end(request.headers.host)),
    )
    const client = egress(
      { ...CLOSED, allowHosts: [`${name}:${port}`] },
      {
        resolve: async () => [{ address: '127.0.0.1', family: 4 }],
        ...(authority === undefined ? {} : { authority }),
      },
    )
    return { port, answer: client(to(`https://${name}:${port}/`)) }
  }

  test('the certificate is judged by the host of the URL, though the connection goes to an address', async () => {
    const { port, answer } = await shop('shop.example', CERTIFICATE)
    assert.equal(Buffer.from((await answer).body).toString(), `shop.example:${port}`)
  })
  test('a certificate for another name is refused before a byte is sent', async () => {
    const error = await failure((await shop('other.example', CERTIFICATE)).answer)
    assert.deepEqual([error.outcome, error.message], ['not_sent', 'the TLS handshake failed'])
  })
  test('an unknown authority is refused before a byte is sent', async () => {
    const error = await failure((await shop('shop.example')).answer)
    assert.deepEqual([error.outcome, error.message], ['not_sent', 'the TLS handshake failed'])
  })
})

describe('what fails, and whether it was sent', () => {
  test('a refused connection was not sent', async () => {
    const { port } = await receiver(() => {})
    await servers.pop()?.stop()
    const error = await failure(egress(OPEN)(to(`http://127.0.0.1:${port}/`)))
    assert.deepEqual([error.outcome, error.message], ['not_sent', 'the connection was refused'])
  })

  test('a name that does not resolve was not sent', async () => {
    const resolve = () => Promise.reject(new Error('ENOTFOUND'))
    const error = await failure(egress(CLOSED, { resolve })(to('https://shop.example/')))
    assert.deepEqual([error.outcome, error.message], ['not_sent', 'the host does not resolve'])
  })

  test('a resolver that does not answer costs five seconds', async () => {
    const env = testEnv()
    const call = failure(egress(CLOSED, { env, resolve: () => new Promise(() => {}) })(to('https://shop.example/')))
    await env.advance(5_000)
    assert.deepEqual([(await call).outcome, (await call).message], ['not_sent', 'resolving the host timed out'])
    assert.equal(env.sleeping(), 0)
  })

  test('a TLS handshake that does not end costs five seconds and was not sent', async () => {
    const env = testEnv()
    const arrived = Promise.withResolvers<void>()
    const server = createTcpServer((socket) => socket.once('data', () => arrived.resolve()))
    const { port } = await listen(server)
    const client = egress({ ...CLOSED, allowHosts: [`127.0.0.1:${port}`] }, { env })
    const call = failure(client(to(`https://127.0.0.1:${port}/`)))
    await arrived.promise
    await env.advance(5_000)
    assert.deepEqual([(await call).outcome, (await call).message], ['not_sent', 'connecting timed out'])
  })

  test('a reset after the request is unknown, and nothing is sent twice', async () => {
    const server = createTcpServer((socket) => socket.once('data', () => socket.resetAndDestroy()))
    const { port, connections } = await listen(server)
    assert.equal((await failure(egress(OPEN)(to(`http://127.0.0.1:${port}/`)))).outcome, 'unknown')
    assert.equal(connections(), 1)
  })

  test('a connection that is closed as soon as it stands is unknown, and nothing is sent twice', async () => {
    const { port, connections } = await listen(createTcpServer((socket) => socket.destroy()))
    const error = await failure(egress(OPEN)(to(`http://127.0.0.1:${port}/`)))
    assert.equal(error.outcome, 'unknown')
    assert.equal(connections(), 1)
  })

  test('silence is unknown after the total time', async () => {
    const env = testEnv()
    const arrived = Promise.withResolvers<void>()
    const { port } = await receiver(() => arrived.resolve())
    const call = failure(egress(OPEN, { env })(to(`http://127.0.0.1:${port}/`)))
    await arrived.promise
    await env.advance(15_000)
    const error = await call
    assert.deepEqual([error.outcome, error.message], ['unknown', 'the answer timed out'])
    assert.ok(!(error instanceof CutAnswer))
    assert.equal(env.sleeping(), 0)
  })

  test('an answer without end is cut at the limit, its connection closed and its status known', async () => {
    let written = 0
    const closed = Promise.withResolvers<void>()
    const { port } = await receiver((_, response) => {
      response.writeHead(200)
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(16 * 1024))) written += 16 * 1024
      }
      response.on('drain', more).on('close', () => closed.resolve())
      more()
    })
    const error = await failure(egress(OPEN)(to(`http://127.0.0.1:${port}/`)))
    await closed.promise
    assert.ok(error instanceof CutAnswer)
    assert.deepEqual([error.outcome, error.status], ['unknown', 200])
    assert.ok(written > 0)
  })

  test('an answer that drips is cut by the total time, its status known', async () => {
    const { port } = await receiver((_, response) => {
      response.writeHead(500).write('a')
    })
    const client = egress(OPEN, { env: makeEnv() })
    const error = await failure(client({ ...to(`http://127.0.0.1:${port}/`), timeoutMs: 3_000 }))
    assert.ok(error instanceof CutAnswer)
    assert.deepEqual([error.message, error.status], ['the answer timed out', 500])
  })

  /** Answers each request with these bytes and closes, unless `open` is to stay. */
  const raw = async (bytes: string, { open = false } = {}) => {
    const server = createTcpServer((socket) =>
      socket.once('data', () => (open ? socket.write(bytes, 'latin1') : socket.end(bytes, 'latin1'))),
    )
    return `http://127.0.0.1:${(await listen(server)).port}/`
  }
  const CONTINUE = 'HTTP/1.1 100 Continue\r\n\r\n'
  const HINTS = 'HTTP/1.1 103 Early Hints\r\nlink: </a.css>; rel=preload\r\n\r\n'
  const TAKEN = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
  const INTERIM: readonly [string, string][] = [
    ['100 that nobody asked for', CONTINUE],
    ['103', HINTS],
    ['few of both', CONTINUE + HINTS + CONTINUE + HINTS.repeat(5)],
  ]
  for (const [name, before] of INTERIM) {
    test(`an interim answer is not the answer: ${name}`, async () => {
      const answer = await egress(OPEN)(to(await raw(before + TAKEN)))
      assert.deepEqual([answer.status, Buffer.from(answer.body).toString()], [200, 'ok'])
      assert.deepEqual(answer.headers, { 'content-length': '2' })
    })
  }

  test('interim answers without end are cut, and no protocol is changed', async () => {
    for (const bytes of [CONTINUE.repeat(11), HINTS.repeat(1_000) + TAKEN]) {
      const error = await failure(egress(OPEN)(to(await raw(bytes, { open: true }))))
      assert.deepEqual(
        [error.outcome, error.message, error instanceof CutAnswer],
        ['unknown', 'the answer broke off', false],
      )
    }
    const upgraded = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n'
    assert.equal((await failure(egress(OPEN)(to(await raw(upgraded, { open: true }))))).outcome, 'unknown')
  })

  test('an answer is whole by its own length: what follows it is not read, and less than it says is a cut', async () => {
    const whole = await egress(OPEN)(to(await raw(`${TAKEN}\n and more`, { open: true })))
    assert.deepEqual([whole.status, Buffer.from(whole.body).toString()], [200, 'ok'])
    const cut = await failure(egress(OPEN)(to(await raw(TAKEN.slice(0, -1)))))
    assert.ok(cut instanceof CutAnswer)
    assert.deepEqual([cut.status, Buffer.from(cut.body).toString(), cut.message], [200, 'o', 'the answer broke off'])
    const chunked = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n'
    assert.ok((await failure(egress(OPEN)(to(await raw(chunked))))) instanceof CutAnswer)
    assert.ok((await failure(egress(OPEN)(to(await raw(`${chunked}zz\r\n`))))) instanceof CutAnswer)
    const unframed = await egress(OPEN)(to(await raw('HTTP/1.0 200 OK\r\n\r\nok')))
    assert.equal(Buffer.from(unframed.body).toString(), 'ok')
  })

  test('what is no HTTP is unknown', async () => {
    for (const bytes of ['SSH-2.0-OpenSSH_9\r\n', '220 mail ready\r\n', '\0\0\0', '']) {
      const error = await failure(egress(OPEN)(to(await raw(bytes))))
      assert.deepEqual([error.outcome, error instanceof CutAnswer], ['unknown', false])
    }
  })

  test('headers without end are cut', async () => {
    const server = createTcpServer((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n')
      const more = () => {
        while (!socket.destroyed && socket.write(`x-a: ${'a'.repeat(1000)}\r\n`));
      }
      socket.on('drain', more)
      more()
    })
    const { port } = await listen(server)
    assert.equal((await failure(egress(OPEN)(to(`http://127.0.0.1:${port}/`)))).outcome, 'unknown')
  })

  test('a gzip bomb stays packed', async () => {
    const bomb = gzipSync(Buffer.alloc(32 * 1024 * 1024))
    const { port } = await receiver((_, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)
    })
    const answer = await egress(OPEN)(to(`http://127.0.0.1:${port}/`))
    assert.deepEqual(Buffer.from(answer.body), bomb)
  })
})
