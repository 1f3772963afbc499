import type { IncomingMessage } from 'node:http'

/** @returns the bytes of the body, or undefined when there are more than `limit` */
export async function readBody(request: IncomingMessage, limit: number): Promise<Buffer | undefined> {
  const chunks: Buffer[] = []
  let size = 0
  // The default would destroy the connection together with the loop, and nobody would read that the body was too long.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    size += chunk.length
    if (size > limit) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}
