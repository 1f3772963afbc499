import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Received = {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingHttpHeaders
  readonly body: Buffer
}
export type Answered = {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}
export type Receiver = {
  readonly url: string
  readonly got: readonly Received[]
  /** The first request that it is, received already or yet to come. */
  wait(what: string, is: (request: Received) => boolean): Promise<Received>
  stop(): Promise<void>
}

/** A limit against never ending, and nothing else. */
const LONGEST_MS = 60_000

/** A shop's server on loopback: it keeps what comes, and answers as it is told. */
export async function startReceiver(
  answer: (request: Received) => Answered | Promise<Answered> = () => ({ status: 200 }),
): Promise<Receiver> {
  const got: Received[] = []
  let hear: (() => void)[] = []
  const server = createServer(async (request, reply) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const received = {
      method: request.method ?? '',
      url: new URL(request.url ?? '/', 'http://shop.example'),
      headers: request.headers,
      body: Buffer.concat(chunks),
    }
    got.push(received)
    for (const heard of hear.splice(0)) heard()
    const { status, headers = {}, body = '' } = await answer(received)
    reply.writeHead(status, headers).end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got,
    async wait(what, is) {
      const until = Date.now() + LONGEST_MS
      for (;;) {
        const found = got.find(is)
        if (found) return found
        const left = until - Date.now()
        if (left <= 0) throw new Error(`it did not come: ${what}`)
        await new Promise<void>((resolve) => {
          const limit = setTimeout(resolve, left)
          hear.push(() => {
            clearTimeout(limit)
            resolve()
          })
        })
      }
    },
    async stop() {
      hear = []
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
