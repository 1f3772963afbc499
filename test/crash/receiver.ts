import { once } from 'node:events'
import { createServer } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import Stripe from 'stripe'
import type { Random } from '../../sim/random.ts'

export type Ambush = 'connected' | 'received'

/** A shop's webhook receiver: it checks every signature, and refuses some deliveries for no reason. */
export type Receiver = {
  readonly url: string
  /** Names of events in the order in which each was taken first. */
  readonly taken: string[]
  /** Deliveries whose signature was wrong. */
  readonly forged: () => number
  secret: string
  /**
   * Strikes once, at the next delivery: `connected`, when it was claimed and nothing of it has been read; `received`, when
   * it was taken and the answer has not left.
   * @returns whether one came in time
   */
  ambush(point: Ambush, strike: () => void, withinMs: number): Promise<boolean>
  stop(): void
}

export async function startReceiver(random: Random): Promise<Receiver> {
  const taken: string[] = []
  const known = new Set<string>()
  let forged = 0
  let waiting: { readonly point: Ambush; strike(): void } | undefined
  const struckAt = (point: Ambush): boolean => {
    if (waiting?.point !== point) return false
    waiting.strike()
    waiting = undefined
    return true
  }
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (random.chance(0.05)) return response.writeHead(503).end()
    try {
      const signature = String(request.headers['stripe-signature'])
      const event = Stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, receiver.secret, 10 ** 9)
      if (!known.has(event.id)) taken.push(event.id)
      known.add(event.id)
      if (struckAt('received')) return response.destroy()
      return response.writeHead(200).end()
    } catch {
      forged += 1
      return response.writeHead(400).end()
    }
  }).listen(0, '127.0.0.1')
  server.on('connection', (socket) => {
    if (struckAt('connected')) socket.destroy()
  })
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    taken,
    forged: () => forged,
    secret: '',
    async ambush(point, strike, withinMs) {
      const { promise, resolve } = Promise.withResolvers<boolean>()
      waiting = {
        point,
        strike() {
          strike()
          resolve(true)
        },
      }
      const came = await Promise.race([promise, pause(withinMs, false, { ref: false })])
      waiting = undefined
      return came
    },
    stop: () => void server.close(),
  }
  return receiver
}
