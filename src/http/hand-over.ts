import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Dialect } from '../core/session.ts'
import type { KeyFacts } from './authenticate.ts'

/** Where a door's side of paths that two doors share is mounted. Whoever asks there directly gets the same answer. */
export const SHARED_ROOTS: Partial<Readonly<Record<Dialect, string>>> = { hsrc: '/_hsrc' }

/** The paths under /v1 that the native door and another one answer: the key's door decides. */
export const SHARED_PATHS: readonly { readonly door: Dialect; readonly path: RegExp }[] = [
  { door: 'hsrc', path: /^\/v1\/(?:charges|customers|refunds)(?:\/|$)/ },
]

/**
 * Gives a request to the door that the key is for, where the path is shared. Its body is not read yet, so the other door
 * meets it as it came. @returns whether it was handed over: nothing else may answer then
 */
export function handOver(
  app: FastifyInstance,
  { door, dialects }: KeyFacts,
  { raw }: FastifyRequest,
  reply: FastifyReply,
): boolean {
  const path = (raw.url ?? '').split('?', 1)[0] ?? ''
  const shared = SHARED_PATHS.find((one) => one.door === door && one.path.test(path))
  const root = shared && dialects.includes(shared.door) ? SHARED_ROOTS[shared.door] : undefined
  if (root === undefined) return false
  raw.url = root + raw.url
  reply.hijack()
  app.routing(raw, reply.raw)
  return true
}
