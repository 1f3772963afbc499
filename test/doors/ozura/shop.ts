import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type AskOzura, type Json, ORDER, readSession } from './client.ts'

type Order = { readonly number: string; sessionId?: string; fulfilled: number }
type Seen = { readonly path: string; readonly query: URLSearchParams; readonly search: string }

/**
 * A shop with the handlers of the system's samples. Its success page takes `sessionId` from the query, asks for the session
 * without a key, and fulfils once, only what is `completed` and its own; otherwise it goes to its error page. `/sweep` asks
 * for whatever is open, for shoppers who never came back.
 */
export async function startOzuraShop(opentill: () => { readonly url: string; readonly ask: AskOzura }) {
  const orders = new Map<string, Order>()
  const seen: Seen[] = []

  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', origin())
    seen.push({ path: url.pathname, query: url.searchParams, search: url.search })
    if (url.pathname === '/buy') return buy(url.searchParams.get('order') ?? '', response)
    if (url.pathname === '/success') return succeed(url.searchParams, response)
    if (url.pathname === '/sweep') return sweep(response)
    say(response, { '/cancel': 'Your cart', '/error': 'Something went wrong' }[url.pathname] ?? 'Shop')
  })

  async function buy(number: string, response: ServerResponse, more: Json = {}): Promise<void> {
    const order: Order = { number, fulfilled: 0 }
    orders.set(number, order)
    const { data } = await opentill().ask('POST', '/create', { ...orderOf(number), ...more })
    order.sessionId = String(data.sessionId)
    response.writeHead(303, { location: String(data.checkoutUrl) }).end()
  }

  const orderOf = (number: string) => ({
    ...ORDER,
    successUrl: `${origin()}/success`,
    cancelUrl: `${origin()}/cancel`,
    errorUrl: `${origin()}/error`,
    metadata: { orderId: number },
    idempotencyKey: `order ${number}`,
  })

  async function succeed(query: URLSearchParams, response: ServerResponse): Promise<void> {
    const sessionId = query.get('sessionId') ?? ''
    const order = [...orders.values()].find((one) => one.sessionId === sessionId)
    const isPaid = order !== undefined && (await readSession(opentill().url, sessionId)).status === 'completed'
    if (!isPaid) return void response.writeHead(303, { location: '/error?reason=unverified' }).end()
    fulfil(order)
    say(response, 'Thank you')
  }

  async function sweep(response: ServerResponse): Promise<void> {
    for (const order of orders.values()) {
      if ((await readSession(opentill().url, order.sessionId)).status === 'completed') fulfil(order)
    }
    say(response, 'Done')
  }

  function fulfil(order: Order): void {
    if (order.fulfilled === 0) order.fulfilled += 1
  }

  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const origin = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin: origin(),
    orders,
    orderOf,
    /** What came to a path, in its order. */
    seenAt: (path: string) => seen.filter((one) => one.path === path),
    async stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** The page as the sample's script reads it: it parses the query and may not throw. */
function say(response: ServerResponse, title: string): void {
  response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(
    `<!doctype html><title>Shop</title><h1>${title}</h1><pre id="read"></pre><script>
      const query = new URLSearchParams(location.search)
      const read = { metadata: JSON.parse(query.get('metadata') || '{}') }
      for (const name of ['transactionId', 'amount', 'currency', 'checkoutMode']) read[name] = query.get(name)
      document.getElementById('read').textContent = JSON.stringify(read)
    </script>`,
  )
}
