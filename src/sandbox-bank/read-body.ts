import type { IncomingMessage } from 'node:http'
import { Refusal } from './answer.ts'

const LARGEST_BODY = 32 * 1024
/** A body somewhat too large is read to its end and dropped: closing on unread bytes would reset the answer away. */
const LARGEST_DROPPED = 1024 * 1024

/**
 * @throws Refusal 413, 415 or 400. The parser's own message is never repeated: it quotes the body, which holds a
 * card.
 */
export async function readJson(request: IncomingMessage, largestBody = LARGEST_BODY): Promise<unknown> {
  if (!/^application\/json *(; *charset=utf-8)?$/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal('unsupported_media_type', 'Send Content-Type: application/json.')
  const text = new TextDecoder('utf-8', { fatal: true })
  try {
    return JSON.parse(text.decode(await readBytes(request, largestBody)))
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('invalid_request', 'The body is not JSON in UTF-8.')
  }
}

/** A form as browsers send it. @throws Refusal 413, 415 or 400 */
export async function readForm(request: IncomingMessage): Promise<URLSearchParams> {
  if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? ''))
    throw new Refusal('unsupported_media_type', 'Send Content-Type: application/x-www-form-urlencoded.')
  return new URLSearchParams(Buffer.from(await readBytes(request)).toString('utf8'))
}

async function readBytes(request: IncomingMessage, largest = LARGEST_BODY): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length
    if (length > LARGEST_DROPPED) break
    if (length <= largest) chunks.push(chunk)
  }
  if (length > largest) throw new Refusal('body_too_large', `A body has at most ${largest} bytes.`)
  return Buffer.concat(chunks)
}
