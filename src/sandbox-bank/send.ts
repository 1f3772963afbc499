import type { ServerResponse } from 'node:http'
import type { Answer } from './answer.ts'
import type { Spoiled } from './faults.ts'

/** Sends the answer, or what a fault leaves of it. */
export async function send(
  response: ServerResponse,
  answer: Answer,
  requestId: string,
  spoiled: ReadonlySet<Spoiled>,
): Promise<void> {
  if (response.destroyed) return
  const headers = {
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(answer.body)),
    'cache-control': 'no-store',
    'request-id': requestId,
    ...answer.headers,
    ...(answer.replayed ? { 'idempotent-replayed': 'true' } : {}),
    // A body left unread would be taken for the next request.
    ...(response.req.complete ? {} : { connection: 'close' }),
  }
  response.writeHead(answer.status, headers)
  if (spoiled.has('reset_after_first_byte')) {
    const { socket } = response
    await new Promise<void>((resolve) => response.write(answer.body.slice(0, 1), () => resolve()))
    socket?.resetAndDestroy()
    return
  }
  if (spoiled.has('twice')) {
    // Straight onto the connection: HTTP has no second answer to one request, and a bank that does this has no HTTP.
    const { socket } = response
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const again = `HTTP/1.1 ${answer.status} Again\r\n${lines.join('')}\r\n${answer.body}`
    response.end(answer.body, () => socket?.write(again))
    return
  }
  response.end(answer.body)
}
