import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { base62Encode } from '../core/base62.ts'
import type { Env } from '../core/env.ts'
import { PREFIXES } from '../core/ids.ts'
import { Refused } from './errors.ts'

/** 128 random bits, spelled as all ids are: a request has no row, so no tenant and no time in its name. */
export function newRequestId(env: Env): string {
  return PREFIXES.request + base62Encode(env.randomBytes(16), 22)
}

/** Headers that every reply carries, whoever answers. */
export function markReplies(app: FastifyInstance): void {
  app.addHook('onRequest', async (request, reply) => {
    markReply(request, reply)
    refuseOddRequest(request)
  })
}

export function markReply(request: FastifyRequest, reply: FastifyReply): void {
  reply.header('request-id', request.id)
  reply.header('cache-control', 'no-store')
  reply.header('x-content-type-options', 'nosniff')
  reply.header('content-security-policy', NOTHING)
}

/** An answer that is no page loads nothing and stands in no frame; a page brings a policy of its own. */
const NOTHING = "default-src 'none'; frame-ancestors 'none'"

/**
 * What Node's strict parser lets through and two readers may understand differently (RFC 9112 §3.2, §6.1; measured in
 * request smuggling tests): two Host headers, an absolute-form target, HTTP/1.0 with Transfer-Encoding.
 */
function refuseOddRequest({ raw }: FastifyRequest): void {
  const target = raw.url ?? ''
  const hosts = countHeader(raw.rawHeaders, 'host')
  if (hosts > 1) refuse('it has more than one Host header')
  if (hosts === 0 && raw.httpVersion !== '1.0') refuse('it has no Host header')
  if (!target.startsWith('/')) refuse('its target must begin with a slash')
  if (raw.httpVersion === '1.0' && raw.headers['transfer-encoding'] !== undefined) {
    refuse('HTTP/1.0 knows no Transfer-Encoding')
  }
  if (raw.headers['transfer-encoding'] !== undefined && raw.headers['content-length'] !== undefined) {
    refuse('it has both Transfer-Encoding and Content-Length')
  }
}

/** Node joins or drops repeated headers, so they are counted where they are still apart. */
export function countHeader(rawHeaders: readonly string[], name: string): number {
  return rawHeaders.filter((header, index) => index % 2 === 0 && header.toLowerCase() === name).length
}

function refuse(detail: string): never {
  throw new Refused({ code: 'request_malformed', detail })
}
