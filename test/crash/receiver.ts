import { once } from 'node:events'
import { createServer } from 'node:http'
import Stripe from 'stripe'
import type { Random } from '../../sim/random.ts'

/** A shop's webhook receiver: it checks every signature, and refuses some deliveries for no reason. */
export type Receiver = {
  readonly url: string
  /** Names of events in the order in which each was taken first. */
  readonly taken: string[]
  /** Deliveries whose signature was wrong. */
  readonly forged: () => number
  secret: string
  stop(): void
}

export async function startReceiver(random: Random): Promise<Receiver> {
  const taken: string[] = []
  const known = new Set<string>()
  let forged = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    if (random.chance(0.05)) return response.writeHead(503).end()
    try {
      const signature = String(request.headers['stripe-signature'])
      const event = Stripe.webhooks.constructEvent(Buffer.concat(chunks), signature, receiver.secret, 10 ** 9)
      if (!known.has(event.id)) taken.push(event.id)
      known.add(event.id)
      return response.writeHead(200).end()
    } catch {
      forged += 1
      return response.writeHead(400).end()
    }
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    taken,
    forged: () => forged,
    secret: '',
    stop: () => void server.close(),
  }
  return receiver
}
