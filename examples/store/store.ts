import { Agent, createServer, type IncomingMessage, type Server } from 'node:http'
import { Agent as SecureAgent } from 'node:https'
import { isIPv6 } from 'node:net'
import Stripe from 'stripe'
import { type Answer, page, plain, sendAnswer } from './answer.ts'
import { renderFault } from './message-pages.ts'
import { readBody } from './read-body.ts'
import { Shop } from './shop.ts'

export type Till = {
  readonly host: string
  readonly port: number
  readonly protocol: 'http' | 'https'
  readonly secretKey: string
  readonly webhookSecret: string
  /** The origin of the payment pages, where it is not that of the API. */
  readonly payOrigin?: string | undefined
}

export type StoreOptions = {
  readonly host: string
  readonly port: number
  readonly opentill: Till
  /** The origin under which browsers reach the shop, where it is not the address that it listens on. */
  readonly publicUrl?: string | undefined
  readonly log: (message: string) => void
}

export type Store = { readonly url: string; stop(): Promise<void> }

const FORM_LIMIT = 8 * 1024
const EVENT_LIMIT = 512 * 1024
const GRACE_MS = 8_000

/** Starts the shop. `port` 0 takes any free one. @throws the error of `listen` where the address is taken */
export async function startStore({ host, port, opentill, publicUrl, log }: StoreOptions): Promise<Store> {
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 10_000 })
  const url = originOf('http', host, await listen(server, host, port))
  const payOrigin = opentill.payOrigin ?? originOf(opentill.protocol, opentill.host, opentill.port)
  const agent = new (opentill.protocol === 'https' ? SecureAgent : Agent)({ keepAlive: true })
  // #region client
  const stripe = new Stripe(opentill.secretKey, {
    host: opentill.host,
    port: opentill.port,
    protocol: opentill.protocol,
    httpAgent: agent,
    timeout: 8_000,
    telemetry: false,
  })
  // #endregion
  const shop = new Shop({ stripe, webhookSecret: opentill.webhookSecret, publicUrl: publicUrl ?? url, log })
  server.on('request', (request, response) => {
    answer(shop, request)
      .catch((error: unknown) => {
        if (!request.readableAborted) log(`fault: ${error instanceof Error ? error.stack : String(error)}`)
        return page(500, renderFault())
      })
      .then((answered) => {
        // What is left of a body that was too long is not read; the connection ends with the answer.
        if (answered.status === 413) response.shouldKeepAlive = false
        sendAnswer(response, answered, payOrigin)
      })
      .catch((error: unknown) => response.destroy(error instanceof Error ? error : undefined))
  })
  return { url, stop: () => stop(server).finally(() => agent.destroy()) }
}

async function answer(shop: Shop, request: IncomingMessage): Promise<Answer> {
  const url = URL.parse(request.url ?? '/', 'http://shop.invalid')
  if (!url) return plain(400, 'No address.')
  if (request.method === 'GET' || request.method === 'HEAD') return shop.get(url)
  if (request.method !== 'POST') return plain(405, 'Only GET and POST.', { allow: 'GET, HEAD, POST' })
  if (url.pathname === '/webhook') {
    const body = await readBody(request, EVENT_LIMIT)
    const signature = request.headers['stripe-signature']
    return body ? shop.receiveEvent(body, String(signature ?? '')) : plain(413, 'Too long for an event.')
  }
  const isForm = request.headers['content-type']?.split(';')[0]?.trim() === 'application/x-www-form-urlencoded'
  if (!isForm) return plain(415, 'Only forms.')
  const body = await readBody(request, FORM_LIMIT)
  return body ? shop.post(url, new URLSearchParams(body.toString('utf8'))) : plain(413, 'Too long for a form of ours.')
}

function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}

/** Finishes what is in flight, and cuts off what is not finished in time. */
function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const cut = setTimeout(() => server.closeAllConnections(), GRACE_MS)
    server.close(() => {
      clearTimeout(cut)
      resolve()
    })
  })
}

function originOf(protocol: string, host: string, port: number): string {
  return new URL(`${protocol}://${isIPv6(host) ? `[${host}]` : host}:${port}`).origin
}
