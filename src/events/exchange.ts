import { type IncomingMessage, request as openRequest } from 'node:http'
import type { Socket } from 'node:net'
import { HttpError, type HttpRequest, type HttpResponse } from '../core/env.ts'

/** The answer began, so its status is known, but it did not end within its limits of size and time. */
export class CutAnswer extends HttpError {
  readonly status: number
  readonly headers: HttpResponse['headers']
  /** What of the body had come. */
  readonly body: Uint8Array
  constructor(message: string, { status, headers, body }: HttpResponse, options?: ErrorOptions) {
    super(message, 'unknown', options)
    this.status = status
    this.headers = headers
    this.body = body
  }
}

/** So many interim answers (RFC 9110, section 15.2) are let pass, whether or not they were asked for. */
const MOST_INTERIM = 10
const MOST_HEADER_BYTES = 16 * 1024

/** One request and its answer. From here on bytes may have left, so whatever goes wrong is `unknown`. */
export async function exchange(
  request: HttpRequest,
  url: URL,
  socket: Socket,
  signal: AbortSignal,
): Promise<HttpResponse> {
  let answer: IncomingMessage | undefined
  const chunks: Uint8Array[] = []
  const heard = ({ statusCode = 0, headers }: IncomingMessage): HttpResponse => ({
    status: statusCode,
    headers: flatten(headers),
    body: Uint8Array.from(Buffer.concat(chunks)),
  })
  try {
    answer = await send(request, url, socket, signal)
    await readBody(answer, request.maxResponseBytes, chunks)
    return heard(answer)
  } catch (cause) {
    const fault = signal.aborted
      ? 'the answer timed out'
      : cause instanceof TooLong
        ? cause.message
        : 'the answer broke off'
    throw answer ? new CutAnswer(fault, heard(answer), { cause }) : new HttpError(fault, 'unknown', { cause })
  } finally {
    socket.destroy()
  }
}

/** Resolves with the head of the final answer. The connection is used once: there is no other to send a second time on. */
function send(request: HttpRequest, url: URL, socket: Socket, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const call = openRequest({
      method: request.method,
      path: url.pathname + url.search,
      headers: { host: url.host, ...request.headers },
      createConnection: () => socket,
      insecureHTTPParser: false,
      maxHeaderSize: MOST_HEADER_BYTES,
      signal,
    })
    let interim = 0
    call.on('information', () => {
      if (++interim <= MOST_INTERIM) return
      const fault = new Error('too many interim answers')
      reject(fault) // the final one may be in the bytes that are being read
      call.destroy(fault)
    })
    call.on('response', resolve)
    // Of these at least one comes; after the head they say nothing, for the body tells whether it ended well.
    call.on('upgrade', () => reject(new Error('another protocol was not asked for')))
    call.on('close', () => reject(new Error('the connection ended early')))
    call.on('error', reject)
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
    call.end(request.body)
  })
}

class TooLong extends Error {}

async function readBody(body: AsyncIterable<Uint8Array>, limit: number, chunks: Uint8Array[]): Promise<void> {
  let length = 0
  for await (const chunk of body) {
    length += chunk.length
    if (length > limit) throw new TooLong(`the answer is longer than ${limit} bytes`)
    chunks.push(chunk)
  }
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>): Record<string, string> {
  const flat: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name] = Array.isArray(value) ? value.join(', ') : value
  }
  return flat
}
