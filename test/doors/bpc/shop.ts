import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RunningOpentill } from '../../support/opentill.ts'
import { type AskBpc, type BpcObject, bpcClient } from './client.ts'

export type Told = {
  readonly id: string
  readonly type: string
  readonly created: string
  readonly data: { readonly object: BpcObject }
}
type Order = { readonly number: string; readonly amount: number; sessionId?: string; isPaid: boolean; shipped: number }

/**
 * A shop as the system's pages and its known client have it: it makes sessions, believes no redirect but asks for the
 * session, and marks an order paid by a signed `session.completed` that says `paid`, once.
 */
export async function startBpcShop(till: RunningOpentill) {
  const ask: AskBpc = bpcClient(till.url, till.secretKey)
  const orders = new Map<string, Order>()
  const told: Told[] = []
  const headers: IncomingMessage['headers'][] = []
  const bodies: string[] = []
  let secret = ''
  /** What becomes of a webhook before it is answered. */
  let before: (event: Told) => Promise<void> = async () => {}
  /** How often the next webhooks are answered with 500 although they were taken. */
  let lost = 0

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://shop')
    const say = (status: number, text: string) =>
      void response.writeHead(status, { 'content-type': 'text/html; charset=utf-8' }).end(`<h1>${text}</h1>`)
    if (url.pathname === '/webhook') return hear(request, response)
    if (url.pathname === '/buy') return buy(url, response)
    const order = orders.get(url.searchParams.get('orderId') ?? '')
    const sessionId = url.searchParams.get('sessionId') ?? ''
    if (!order || order.sessionId !== sessionId) return say(404, 'No such order')
    if (url.pathname === '/failure') return say(200, 'Your order is not paid')
    // The redirect proves nothing: anybody can type it.
    const { json } = await ask('GET', `/sessions/${encodeURIComponent(sessionId)}`)
    say(200, json.paymentStatus === 'paid' ? 'Thank you' : 'Your payment has not arrived')
  })

  async function buy(url: URL, response: ServerResponse): Promise<void> {
    const number = url.searchParams.get('order') ?? ''
    const order: Order = { number, amount: 10000, isPaid: false, shipped: 0 }
    orders.set(number, order)
    const { json } = await ask('POST', '/sessions', {
      amount: order.amount,
      currency: 'eur',
      successUrl: `${origin()}/success?orderId=${number}`,
      failureUrl: `${origin()}/failure?orderId=${number}`,
      merchantReferenceId: number,
    })
    order.sessionId = json.id
    response.writeHead(303, { location: json.paymentUrl ?? '/' }).end()
  }

  async function hear(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const body = Buffer.concat(chunks).toString()
    if (!isSigned(body, String(request.headers['x-signature'] ?? ''))) return void response.writeHead(401).end()
    const event = JSON.parse(body) as Told
    await before(event)
    told.push(event)
    bodies.push(body)
    headers.push(request.headers)
    const { object } = event.data
    const order = [...orders.values()].find(({ sessionId }) => sessionId === object.id)
    if (order && !order.isPaid && event.type === 'session.completed' && object.paymentStatus === 'paid') {
      order.isPaid = true
      order.shipped += 1
    }
    response.writeHead(lost-- > 0 ? 500 : 200).end()
  }

  /** The known client's way: split at commas, then at `=`, trim, read `t` and `v1`. */
  function isSigned(body: string, header: string): boolean {
    const parts = Object.fromEntries(header.split(',').map((part) => part.split('=').map((text) => text.trim())))
    const { t = '', v1 = '' } = parts as Record<string, string>
    const wanted = createHmac('sha256', secret).update(`${body}.${t}`).digest('hex')
    return v1.length === wanted.length && timingSafeEqual(Buffer.from(v1), Buffer.from(wanted))
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const endpoint = await fetch(`${till.url}/v1/webhook_endpoints`, {
    method: 'POST',
    headers: { authorization: `Bearer ${till.secretKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: `${origin()}/webhook`, door: 'bpc', enabled_events: ['*'] }),
  })
  const { id: endpointId, secret: made } = (await endpoint.json()) as { id: string; secret: string }
  secret = made
  return {
    ask,
    origin: origin(),
    endpointId,
    secret,
    orders,
    told,
    bodies,
    headers,
    /** What was told of one object, in the order in which it came. */
    toldOf: (id: string) => told.filter(({ data }) => data.object.id === id),
    holdBefore(hold: typeof before) {
      before = hold
    },
    loseAnswers(count: number) {
      lost = count
    },
    async stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
