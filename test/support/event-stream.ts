import { type IncomingMessage, request } from 'node:http'

export type Message = { readonly id: string; readonly data: string }
export type EventStream = {
  readonly status: number
  readonly type: string
  /** The next message, or undefined when the stream has ended. Comments are counted, not returned. */
  next(): Promise<Message | undefined>
  comments(): number
  leave(): void
}

/** A reader of server-sent events, as small as WHATWG HTML 9.2.6 allows, on a connection of its own. */
export async function openStream(url: string, key: string, headers: Record<string, string> = {}): Promise<EventStream> {
  const asked = request(url, {
    agent: false,
    headers: { accept: 'text/event-stream', authorization: `Bearer ${key}`, ...headers },
  })
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    asked.once('response', resolve).once('error', reject).end()
  })
  asked.on('error', () => undefined)
  response.on('error', () => undefined)
  const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]()
  let buffer = ''
  let comments = 0

  async function block(): Promise<string | undefined> {
    for (;;) {
      const end = buffer.indexOf('\n\n')
      if (end >= 0) {
        const text = buffer.slice(0, end)
        buffer = buffer.slice(end + 2)
        return text
      }
      const read = await chunks.next().catch(() => undefined)
      if (!read || read.done) return undefined
      buffer += read.value
    }
  }

  return {
    status: response.statusCode ?? 0,
    type: response.headers['content-type'] ?? '',
    comments: () => comments,
    leave: () => void asked.destroy(),
    async next() {
      for (;;) {
        const text = await block()
        if (text === undefined) return undefined
        const fields = new Map(
          text.split('\n').map((line) => {
            const at = line.indexOf(':')
            return [line.slice(0, at), line.slice(at + 1).trimStart()] as const
          }),
        )
        if (fields.has('')) comments += 1
        const data = fields.get('data')
        if (data !== undefined) return { id: fields.get('id') ?? '', data }
      }
    },
  }
}
