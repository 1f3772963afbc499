import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export type Got = { readonly headers: IncomingHttpHeaders; readonly body: string }

/** A shop's server that writes down what it is sent, by path, and answers 200 unless it is told otherwise. */
export async function startReceiver() {
  const got = new Map<string, Got[]>()
  const statuses = new Map<string, (times: number) => number>()
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const path = request.url ?? ''
    const all = [...(got.get(path) ?? []), { headers: request.headers, body: Buffer.concat(chunks).toString() }]
    got.set(path, all)
    response.writeHead(statuses.get(path)?.(all.length) ?? 200).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    got: (path: string): readonly Got[] => got.get(path) ?? [],
    /** @param status from how many times the path was asked, this one included */
    answer: (path: string, status: (times: number) => number) => void statuses.set(path, status),
    async stop() {
      server.closeAllConnections()
      server.close()
    },
  }
}
