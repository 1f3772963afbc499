import type { Socket } from 'node:net'
import { Client, type Dispatcher } from 'undici'
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

/** One request and its answer. From here on bytes may have left, so whatever goes wrong is `unknown`. */
export async function exchange(
  request: HttpRequest,
  url: URL,
  socket: Socket,
  signal: AbortSignal,
): Promise<HttpResponse> {
  let given = false
  const client = new Client(url.origin, {
    // The library's own timers stay off: `signal` bounds the whole call.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (_options, take) => {
      // The library connects again when a connection ends early. It would send a second time.
      if (given) return take(new Error('the connection ended early'), null)
      given = true
      queueMicrotask(() => take(null, socket)) // taken within this call, the client would forget to write
    },
  })
  let answer: Dispatcher.ResponseData | undefined
  const chunks: Uint8Array[] = []
  const heard = ({ statusCode, headers }: Dispatcher.ResponseData): HttpResponse => ({
    status: statusCode,
    headers: flatten(headers),
    body: Uint8Array.from(Buffer.concat(chunks)),
  })
  try {
    answer = await client.request({
      method: request.method,
      path: url.pathname + url.search,
      headers: { ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      signal,
    })
    await readBody(answer.body, request.maxResponseBytes, chunks)
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
    await client.destroy()
  }
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
