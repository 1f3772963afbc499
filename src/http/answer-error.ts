import type { FastifyReply, FastifyRequest } from 'fastify'
import { isBusy } from '../core/overload.ts'
import { type ErrorCode, type Fault, REPEATABLE, Refused, renderError, statusOf } from './errors.ts'
import { errorFields, type Log } from './log.ts'

/** Fastify's own refusals, by their codes. What is not listed here is a bug of ours. */
const FRAMEWORK: Readonly<Record<string, Fault>> = {
  FST_ERR_BAD_URL: { code: 'request_malformed', detail: 'its path is not percent-encoded UTF-8' },
  FST_ERR_MAX_PARAM_LENGTH: { code: 'url_unknown', detail: 'the path is too long' },
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'body_too_large' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'request_malformed', detail: 'its body has another length than it says' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: { code: 'content_type_unsupported' },
  FST_ERR_ROUTE_MISSING_CONTENT_TYPE: { code: 'content_type_unsupported' },
  FST_ERR_CTP_INVALID_TYPE: { code: 'content_type_unsupported' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'body_invalid', detail: 'it is empty' },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'body_invalid', detail: 'it is not JSON' },
  // What Node says of a client that hung up in the middle of its body.
  ECONNRESET: { code: 'request_malformed', detail: 'it ended before its body was whole' },
}

/** The fault behind an error, or undefined when nobody expected it. */
export function faultOf(error: unknown): Fault | undefined {
  if (error instanceof Refused) return error.fault
  if (isBusy(error)) return { code: 'overloaded' }
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? FRAMEWORK[code] : undefined
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
  const wait = waitFor(fault)
  if (wait !== undefined) reply.header('retry-after', wait)
  if (statusOf(fault) === 401) reply.header('www-authenticate', 'Bearer realm="Opentill"')
  reply
    .code(statusOf(fault))
    .type('application/json; charset=utf-8')
    .serializer((body: unknown) => String(body))
    .send(JSON.stringify(renderError(fault, publicUrl, request.id)))
}

/** After how many seconds the same request may be sent again, where that is all there is to do. */
export function waitFor({ code, detail }: Fault): string | undefined {
  if (code === 'too_many_requests') return detail ?? '60'
  return ['overloaded', 'stale', 'too_many_waiting'].includes(code) ? '1' : undefined
}
