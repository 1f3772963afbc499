import { createServer } from 'node:http'
import type { SessionFacts } from './judge-session.ts'
import { readBody } from './read-body.ts'
import { type Store, startStore } from './store.ts'

/** What the shop asked the till, as it went over the wire. */
export type Asked = {
  readonly method: string
  readonly path: string
  readonly fields: URLSearchParams
  readonly key: string | undefined
  readonly authorization: string | undefined
}

export type TestTill = {
  readonly port: number
  readonly asked: Asked[]
  /** The sessions by id. Tests change them as a shopper's payment would. */
  readonly sessions: Map<string, SessionFacts & { readonly url: string }>
  /** Set to answer everything with this status and an error object. */
  failWith: number | undefined
  stop(): Promise<void>
}

/**
 * A recorder in the till's place, for what the shop says and how it takes answers. It keeps a session by idempotency
 * key and no other rule; that the real till agrees is for the end-to-end tests.
 */
export async function startTestTill(): Promise<TestTill> {
  const asked: Asked[] = []
  const sessions: TestTill['sessions'] = new Map()
  const byKey = new Map<string, string>()
  const server = createServer(async (request, response) => {
    const body = (await readBody(request, 100_000))?.toString('utf8') ?? ''
    const path = request.url ?? ''
    const key = request.headers['idempotency-key']
    const call: Asked = {
      method: request.method ?? '',
      path,
      fields: new URLSearchParams(body),
      key: typeof key === 'string' ? key : undefined,
      authorization: request.headers.authorization,
    }
    asked.push(call)
    const id = call.method === 'POST' ? (byKey.get(call.key ?? '') ?? create(call)) : (path.split('/').at(-1) ?? '')
    const session = sessions.get(id)
    const status = till.failWith ?? (session ? 200 : 404)
    const error = { type: 'invalid_request_error', message: 'no' }
    response.writeHead(status, { 'content-type': 'application/json', 'stripe-should-retry': 'false' })
    response.end(JSON.stringify(status === 200 ? { object: 'checkout.session', ...session } : { error }))
  })
  function create({ fields, key }: Asked): string {
    const id = `cs_test_${sessions.size + 1}`
    let total = 0
    for (let at = 0; fields.has(`line_items[${at}][quantity]`); at += 1) {
      const unit = Number(fields.get(`line_items[${at}][price_data][unit_amount]`))
      total += unit * Number(fields.get(`line_items[${at}][quantity]`))
    }
    if (till.failWith === undefined) {
      sessions.set(id, {
        id,
        status: 'open',
        payment_status: 'unpaid',
        amount_total: total,
        currency: fields.get('line_items[0][price_data][currency]'),
        client_reference_id: fields.get('client_reference_id'),
        url: `http://127.0.0.1:9/c/pay/${id}`,
      })
      byKey.set(key ?? '', id)
    }
    return id
  }
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
  const till: TestTill = {
    port,
    asked,
    sessions,
    failWith: undefined,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  }
  return till
}

export const TEST_WEBHOOK_SECRET = 'whsec_dGVzdC1zZWNyZXQtb2YtdGhlLWRlbW8tc2hvcA=='

export function openTestStore(till: TestTill, logged: string[] = []): Promise<Store> {
  return startStore({
    host: '127.0.0.1',
    port: 0,
    opentill: {
      host: '127.0.0.1',
      port: till.port,
      protocol: 'http',
      secretKey: 'sk_test_shop',
      webhookSecret: TEST_WEBHOOK_SECRET,
    },
    log: (message) => logged.push(message),
  })
}
