/**
 * The sandbox bank: a simulated acquirer and issuer with books of its own, reached over HTTP like any outside party.
 * `docs/sandbox-bank.md` is its manual. The card's number alone decides what happens (test-cards.ts); the number and
 * the CVC are in no table, no log line and no error.
 *
 *   POST /v1/authorizations                    {reference, amount, currency, capture, card, statement_descriptor?}
 *   POST /v1/authorizations/:id/captures       {reference, amount?}    once; the rest is released
 *   POST /v1/authorizations/:id/voids          {reference}
 *   POST /v1/authorizations/:id/refunds        {reference, amount?}
 *   GET  /v1/authorizations?reference=         {found, authorization?}
 *   GET  /v1/authorizations/:id, /v1/authorizations/:id/operations
 *   GET  /v1/operations?reference=, /v1/operations/:id
 *   GET  /v1/books?merchant=&cursor=&limit=    totals and entries
 *
 * `Authorization: Bearer bank_<merchant>` opens a merchant on first use. Every POST honors `Idempotency-Key`.
 */
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { type Answer, errorAnswer, Refusal } from './answer.ts'
import { cutoff } from './book.ts'
import { type BankEnv, type BankLog, newId, type Sql } from './env.ts'
import { type Faults, faultGate, Struck } from './faults.ts'
import { forgetAnswers, InFlight } from './idempotency.ts'
import { parseIdempotencyKey, parseMerchantKey } from './parse.ts'
import { readJson } from './read-body.ts'
import { type Bank, type Call, doOnce, ROUTES, type Route } from './routes.ts'

/** A folder of numbered SQL files. The caller runs them on the bank's database before it starts the bank. */
export const SANDBOX_BANK_MIGRATIONS = fileURLToPath(new URL('./migrations', import.meta.url))

export type SandboxBankOptions = {
  /** A postgres.js handle on the bank's own database. The caller ends it after `stop`. */
  readonly sql: Sql
  readonly env: BankEnv
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  readonly log: BankLog
  /** How long an answer is kept for its Idempotency-Key. 24 hours unless given. */
  readonly idempotencyWindowMs?: number
  readonly faults?: Faults
}
export type SandboxBank = { readonly url: string; readonly port: number; stop(): Promise<void> }

const DAY_MS = 24 * 60 * 60 * 1000
const HOUR_MS = 60 * 60 * 1000

/** @throws the server's error when it cannot listen: `EADDRINUSE` for a taken port */
export async function startSandboxBank(options: SandboxBankOptions): Promise<SandboxBank> {
  const { sql, env, log } = options
  const bank = { sql, env, idempotencyWindowMs: options.idempotencyWindowMs ?? DAY_MS, inFlight: new InFlight() }
  const stopping = new AbortController()
  const handling = new Set<Promise<void>>()

  const server = createServer({ requestTimeout: 30_000, maxHeaderSize: 16 * 1024 }, (request, response) => {
    const handled = handle(bank, options, stopping.signal, request, response).finally(() => handling.delete(handled))
    handling.add(handled)
  })
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const forgetting = forgetOldAnswers(bank, log, stopping.signal)

  return {
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    port,
    async stop() {
      stopping.abort() // Ends delays and the sleep below; what is being booked is finished and answered.
      const closed = once(server, 'close')
      server.close()
      while (handling.size > 0) await Promise.all(handling)
      await forgetting
      server.closeAllConnections() // Those that a fault left in silence, and the idle ones.
      await closed
    },
  }
}

async function handle(
  bank: Bank,
  options: SandboxBankOptions,
  stopping: AbortSignal,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const requestId = newId('req', bank.env)
  const { route, id, query } = findRoute(request)
  // A path or query may hold anything: the log names the route it matched.
  const logged = { request: requestId, method: request.method, route: route?.path ?? 'unknown' }
  try {
    const answer = route
      ? await answerTo(bank, options, stopping, request, route, id, query)
      : errorAnswer('not_found', 'No such path.')
    send(response, answer, requestId)
    options.log.info({ ...logged, status: answer.status }, 'sandbox bank answered')
  } catch (error) {
    if (error instanceof Struck && typeof error.end === 'string') {
      if (error.end === 'reset') request.socket.resetAndDestroy()
      options.log.info({ ...logged, fault: error.end }, 'sandbox bank struck by a fault')
      return
    }
    const expected =
      error instanceof Struck ? (error.end as Answer) : error instanceof Refusal ? error.answer : undefined
    const answer = expected ?? errorAnswer('internal_error', `The bank failed; its log says why under ${requestId}.`)
    send(response, answer, requestId)
    if (expected) options.log.info({ ...logged, status: answer.status }, 'sandbox bank answered')
    else options.log.error({ ...logged, status: answer.status, err: error }, 'sandbox bank failed')
  }
}

async function answerTo(
  bank: Bank,
  options: SandboxBankOptions,
  stopping: AbortSignal,
  request: IncomingMessage,
  route: Route,
  id: string,
  query: URLSearchParams,
): Promise<Answer> {
  const merchant = parseMerchantKey(request.headers.authorization)
  const idempotencyKey = parseIdempotencyKey(request.headers['idempotency-key'])
  const body = route.method === 'POST' ? await readJson(request) : undefined
  const call: Call = { merchant, id, query, body, idempotencyKey }
  const order = route.method === 'POST' ? route.order(bank, call) : undefined
  const gate = faultGate(
    options.faults,
    { merchant, method: route.method, route: route.path, reference: order?.reference, idempotencyKey },
    (ms) => bank.env.sleep(ms, stopping).catch(() => undefined), // Stopping cuts a delay short.
  )
  const answer =
    route.method === 'POST' && order ? await doOnce(bank, call, order, gate) : await readFor(route, bank, call)
  await gate('before_answer')
  return answer
}

function readFor(route: Route, bank: Bank, call: Call): Promise<Answer> {
  if (route.method !== 'GET') throw new TypeError('an order is not a read')
  return route.read(bank, call)
}

function findRoute(request: IncomingMessage): { route: Route | undefined; id: string; query: URLSearchParams } {
  const [path = '', ...rest] = (request.url ?? '').split('?')
  const parts = path.split('/')
  const route = ROUTES.find((candidate) => {
    const wanted = candidate.path.split('/')
    return (
      candidate.method === request.method &&
      wanted.length === parts.length &&
      wanted.every(
        (part, at) => part === parts[at] || (part === ':id' && /^[a-z]+_[0-9a-f]{32}$/.test(parts[at] ?? '')),
      )
    )
  })
  return { route, id: route?.path.includes(':id') ? (parts[3] ?? '') : '', query: new URLSearchParams(rest.join('?')) }
}

function send(response: ServerResponse, answer: Answer, requestId: string): void {
  if (response.destroyed) return
  response.writeHead(answer.status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(answer.body),
    'cache-control': 'no-store',
    'request-id': requestId,
    ...(answer.replayed ? { 'idempotent-replayed': 'true' } : {}),
    // A body left unread would be taken for the next request.
    ...(response.req.complete ? {} : { connection: 'close' }),
  })
  response.end(answer.body)
}

async function forgetOldAnswers(bank: Bank, log: BankLog, stopping: AbortSignal): Promise<void> {
  while (!stopping.aborted) {
    await forgetAnswers(bank.sql, cutoff(bank)).catch((error) => log.error({ err: error }, 'old answers stay for now'))
    await bank.env.sleep(HOUR_MS, stopping).catch(() => undefined)
  }
}
