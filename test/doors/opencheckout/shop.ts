import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Receiver, startReceiver } from '../receiver.ts'

/** A shop as OpenCheckout's guide shows it: it fulfills an order by its server's own read, or by a signed event. */
export type Shop = Receiver & {
  readonly fulfilled: readonly string[]
  readonly refused: readonly string[]
  buy(order: string): Promise<{ readonly id: string; readonly url: string }>
  setSecret(secret: string): void
}

export async function startShop(opentill: string, key: string): Promise<Shop> {
  const fulfilled: string[] = []
  const refused: string[] = []
  let secret = ''
  const api = async (path: string, init: RequestInit = {}) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const answer = await fetch(`${opentill}/api/checkout/sessions${path}`, { ...init, headers })
    return { ok: answer.ok, session: (await answer.json()) as { id: string; url: string } & Session }
  }
  /** Once, whoever tells it first. */
  const fulfill = (order: string) => void (fulfilled.includes(order) || fulfilled.push(order))

  const receiver = await startReceiver(async ({ method, url, headers, body }) => {
    if (method === 'POST' && url.pathname === '/webhook') {
      const event = JSON.parse(body.toString()) as Session
      if (!isSigned(String(headers['opencheckout-signature']), JSON.stringify(event), secret)) {
        refused.push('event')
        return { status: 400 }
      }
      if (event.status === 'completed') fulfill(event.metadata.order_id)
      return { status: 200 }
    }
    if (url.pathname === '/success') {
      const { ok, session } = await api(`/${url.searchParams.get('session_id')}`)
      const paid = ok && session.status === 'completed'
      if (paid) fulfill(session.metadata.order_id)
      else refused.push('success')
      return page(paid ? 'Thank you' : 'Not paid')
    }
    return page('Your bag')
  })
  return {
    ...receiver,
    fulfilled,
    refused,
    setSecret(text) {
      secret = text
    },
    async buy(order) {
      const { session } = await api('', {
        method: 'POST',
        body: JSON.stringify({
          mode: 'payment',
          line_items: [{ price_data: { currency: 'usd', product_data: { name: 'T-shirt' }, unit_amount: 2000 } }],
          success_url: `${receiver.url}/success?session_id={CHECKOUT_SESSION_ID}`,
          cancel_url: `${receiver.url}/cart`,
          metadata: { order_id: order },
        }),
      })
      return session
    },
  }
}

type Session = { readonly status: string; readonly metadata: { readonly order_id: string } }

const page = (heading: string) => ({
  status: 200,
  headers: { 'content-type': 'text/html; charset=utf-8' },
  body: `<!doctype html><title>Shop</title><h1>${heading}</h1>`,
})

/** As the guide does it: over the body parsed and stringified again, within five minutes. */
function isSigned(header: string, body: string, secret: string): boolean {
  const parts = Object.fromEntries(header.split(',').map((part) => part.split('=', 2) as [string, string]))
  const own = createHmac('sha256', secret).update(`${parts.t}.${body}`).digest('hex')
  const claimed = parts.v1 ?? ''
  const fresh = Math.abs(Date.now() / 1000 - Number(parts.t)) < 300
  return fresh && claimed.length === own.length && timingSafeEqual(Buffer.from(claimed), Buffer.from(own))
}
