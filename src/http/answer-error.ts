import type { FastifyReply, FastifyRequest } from 'fastify'
import { QueueFull } from '../core/overload.ts'
import { type ErrorCode, type Fault, REPEATABLE, Refused, renderError, statusOf } from './errors.ts'
import { errorFields, type Log } from './log.ts'

/** Fastify's own refusals, by its codes. What is not listed here is a bug of ours. */
const FRAMEWORK: Readonly<Record<string, Fault>> = {
  FST_ERR_BAD_URL: { code: 'request_malformed', detail: 'its path is not percent-encoded UTF-8' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'url_unknown', detail: 'the path is too long' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'request_malformed', detail: 'its body has another length than it says' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'content_type_unsupported' },
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: { code: 'content_type_unsupported' },
  FST_ERR_CTP_INVALID_TYPE: { code: 'content_type_unsupported' },
}

/** What the driver says when the database is away or busy: nothing was decided, and repeating is safe with a key. */
const BUSY: ReadonlySet<string> = new Set([
  '40P01', // a deadlock, which the database broke by ending this one
  '53300', // too many connections
  '55P03', // lock not available in time
  '57014', // canceled by a timeout of ours
  '57P01', // the server shuts down
  '57P03', // the server starts up
  'CONNECT_TIMEOUT',
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT', // the embedded server's socket is not there yet
])

/** The fault behind an error, or undefined when nobody expected it. */
export function faultOf(error: unknown): Fault | undefined {
  if (error instanceof Refused) return error.fault
  if (error instanceof QueueFull) return { code: 'overloaded' }
  const { code } = error as { code?: unknown }
  if (typeof code !== 'string') return undefined
  return BUSY.has(code) ? { code: 'overloaded' } : FRAMEWORK[code]
}

/** The last resort of every route: what was expected is spelled, what was not is logged once and told without detail. */
export function answerError(log: Log, publicUrl: () => string) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): void => {
    const fault = faultOf(error) ?? { code: 'internal_error' as ErrorCode }
    if (fault.code === 'internal_error' || fault.code === 'overloaded') {
      log.error({ request_id: request.id, route: request.routeOptions?.url, ...errorFields(error) }, fault.code)
    }
    sendFault(fault, request, reply, publicUrl())
  }
}

export function sendFault(fault: Fault, request: FastifyRequest, reply: FastifyReply, publicUrl: string): void {
  reply.header('stripe-should-retry', REPEATABLE.has(fault.code) ? 'true' : 'false')
  if (fault.code === 'overloaded' || fault.code === 'stale') reply.header('retry-after', '1')
  if (statusOf(fault) === 401) reply.header('www-authenticate', 'Bearer realm="Opentill"')
  reply
    .code(statusOf(fault))
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => String(body))
    .send(JSON.stringify(renderError(fault, publicUrl, request.id)))
}
