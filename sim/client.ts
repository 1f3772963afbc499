import type { PaymentsContext } from '../src/flows/confirm-payment.ts'
import type { Faults } from './faults.ts'
import type { Server } from './server.ts'
import type { World } from './world.ts'

/** What a caller outside gets: an answer, or nothing that it could tell apart from a failure. */
export type Reply<T> = { readonly is: 'answer'; readonly value: T } | { readonly is: 'lost' }
export type Work<T> = (payments: PaymentsContext) => Promise<T>
export type Client = <T>(what: string, work: Work<T>) => Promise<Reply<T>>

/** The patience of Stripe's own client library. */
const PATIENCE_MS = 80_000

/** Shops and shoppers reach any of the servers, over a network that loses requests and answers. */
export function makeClient(
  world: World,
  faults: Faults,
  servers: readonly Server[],
  heard: (value: unknown) => void = () => {},
): Client {
  const draw = world.random('clients')
  return (what, work) =>
    new Promise((resolve) => {
      let over = false
      const end = (reply: Parameters<typeof resolve>[0]): void => {
        if (over) return
        over = true
        resolve(reply)
      }
      world.after(PATIENCE_MS, () => end({ is: 'lost' }))
      if (faults.hits('client_request_lost')) return
      world.after(draw.between(2, 150), () => {
        const one = draw.pick(servers)
        // Of several answers the first is heard.
        const reached = (faults.hits('client_request_doubled') ? servers : [one]).filter(reach)
        if (reached.length === 0) end({ is: 'lost' })
      })
      const reach = (server: Server): boolean => {
        const answered = server.handle(what, work)
        answered?.then(
          (value) => {
            if (!faults.hits('client_response_lost')) {
              world.after(draw.between(2, 150), () => {
                heard(value)
                end({ is: 'answer', value })
              })
            }
          },
          () => world.after(draw.between(2, 150), () => end({ is: 'lost' })),
        )
        return answered !== undefined
      }
    })
}
