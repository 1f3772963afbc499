import type { Server } from 'node:http'
import type { Socket } from 'node:net'
import fastify, { type FastifyHttpOptions, type FastifyInstance } from 'fastify'
import type { Env } from '../core/env.ts'
import { answerError, sendFault } from './answer-error.ts'
import { markReplies, markReply, newRequestId } from './edge.ts'
import { type ErrorCode, renderError, statusOf } from './errors.ts'
import type { Log } from './log.ts'

/** Everything has a limit. A route may set its own `bodyLimit`. */
export const LIMITS = {
  bodyBytes: 32 * 1024,
  headerBytes: 8 * 1024,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  /** How often Node looks for connections whose time is up; with its own 30 s the two limits above would mean nothing. */
  connectionsCheckingIntervalMs: 1_000,
  keepAliveTimeoutMs: 65_000,
  requestsPerSocket: 10_000,
  connections: 5_000,
  paramLength: 100,
} as const

/** The one path where a connection may leave HTTP; an upgrade is not offered anywhere else. */
export const UPGRADE_PATH = '/v1/stripecli/subscribe'

export type EdgeDeps = {
  readonly env: Env
  readonly log: Log
  /** The origin under which shoppers and shops reach us; a function, for the port may be known only when bound. */
  readonly publicUrl: () => string
  /** Keys the hashes of parameters that are kept beside an idempotency key. */
  readonly parametersKey: Uint8Array
  /** Replies are compared with their route's schema before they leave: for tests. */
  readonly checkReplies?: boolean
}

declare module 'fastify' {
  interface FastifyInstance {
    readonly parametersKey: Uint8Array
  }
}

/** A server with an edge and no routes: the API, the doors and the page register theirs. */
export function buildServer(deps: EdgeDeps): FastifyInstance {
  const options: FastifyHttpOptions<Server> = {
    logger: false,
    genReqId: () => newRequestId(deps.env),
    requestIdHeader: false,
    bodyLimit: LIMITS.bodyBytes,
    requestTimeout: LIMITS.requestTimeoutMs,
    keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
    maxRequestsPerSocket: LIMITS.requestsPerSocket,
    forceCloseConnections: 'idle',
    http: {
      maxHeaderSize: LIMITS.headerBytes,
      headersTimeout: LIMITS.headersTimeoutMs,
      requestTimeout: LIMITS.requestTimeoutMs,
      keepAliveTimeout: LIMITS.keepAliveTimeoutMs,
      connectionsCheckingInterval: LIMITS.connectionsCheckingIntervalMs,
      insecureHTTPParser: false,
      requireHostHeader: false, // refused in our own words, see edge.ts
      shouldUpgradeCallback: ({ url }) => url?.split('?', 1)[0] === UPGRADE_PATH,
    },
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: LIMITS.paramLength },
    frameworkErrors: (error, request, reply) => {
      markReply(request, reply)
      answerError(deps.log, deps.publicUrl)(error, request, reply)
    },
    clientErrorHandler: (error, socket) => refuseConnection(deps, error, socket),
  }
  const app = fastify(options)
  app.decorate('parametersKey', deps.parametersKey)
  app.server.maxConnections = LIMITS.connections
  markReplies(app)
  app.setErrorHandler(answerError(deps.log, deps.publicUrl))
  app.setNotFoundHandler((request, reply) => {
    const path = (request.raw.url ?? '').split('?', 1)[0] ?? ''
    sendFault({ code: 'url_unknown', detail: `${request.method}: ${path}` }, request, reply, deps.publicUrl())
  })
  // A reply that leaves while the server closes ends its connection, or closing would wait for the keep-alive to run out.
  let closing = false
  app.addHook('preClose', async () => {
    closing = true
  })
  app.addHook('onSend', async (_request, reply) => {
    if (closing) reply.header('connection', 'close')
  })
  app.addHook('onResponse', async (request, reply) => {
    deps.log.info(
      {
        request_id: request.id,
        method: request.method,
        route: request.routeOptions.url ?? 'none',
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime),
      },
      'request',
    )
  })
  return app
}

/** A request that Node could not read has no reply object: the answer is written by hand, and the connection ends. */
function refuseConnection(deps: EdgeDeps, error: Error & { readonly code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const codes: Readonly<Record<string, ErrorCode>> = {
    HPE_HEADER_OVERFLOW: 'headers_too_large',
    ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
  }
  const code = codes[error.code ?? ''] ?? 'request_malformed'
  const requestId = newRequestId(deps.env)
  const body = JSON.stringify(renderError({ code }, deps.publicUrl(), requestId))
  socket.end(
    `HTTP/1.1 ${statusOf({ code })} Refused\r\ncontent-type: application/json; charset=utf-8\r\n` +
      `content-length: ${Buffer.byteLength(body)}\r\nrequest-id: ${requestId}\r\ncache-control: no-store\r\n` +
      `connection: close\r\n\r\n${body}`,
  )
}
