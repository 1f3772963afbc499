import type { FastifyReply } from 'fastify'

/**
 * Aborted when the client hung up, or has its answer: nobody waits for this request any more. Of a client that only says
 * that it will send nothing more, Node keeps the connection for an answer that nobody will read: it is closed here.
 */
export function whenLeft({ raw }: FastifyReply): AbortSignal {
  const left = new AbortController()
  const { socket } = raw
  if (raw.destroyed) left.abort()
  else
    raw.once('close', () => {
      left.abort()
      if (!raw.writableFinished) socket?.destroy()
    })
  return left.signal
}
