/**
 * The sandbox bank: a simulated acquirer and issuer with books of its own, reached over HTTP like any outside party.
 * `docs/sandbox-bank.md` is its manual. The card's number alone decides what happens (test-cards.ts); the number and
 * the CVC are in no table, no log line and no error.
 *
 *   POST /v1/authorizations            {reference, amount, currency, capture, card, statement_descriptor?, three_d_secure?}
 *   POST /v1/authorizations/:id/continue                               after a device check
 *   POST /v1/authorizations/:id/captures       {reference, amount?}    once; the rest is released
 *   POST /v1/authorizations/:id/voids          {reference}
 *   POST /v1/authorizations/:id/refunds        {reference, amount?}
 *   GET  /v1/authorizations?reference=         {found, authorization?}
 *   GET  /v1/authorizations/:id, /v1/authorizations/:id/operations
 *   GET  /v1/operations?reference=, /v1/operations/:id
 *   POST /v1/operations/:id/cancel             a refund, while it is pending
 *   GET  /v1/disputes/:id
 *   POST /v1/disputes/:id/evidence             {evidence}
 *   POST /v1/disputes/:id/acceptance           {}
 *   GET  /v1/books?merchant=&cursor=&limit=    totals and entries
 *
 * `Authorization: Bearer bank_<merchant>` opens a merchant on first use. Every POST honors `Idempotency-Key`.
 * Cardholders' browsers see the pages of acs.ts; tests reach the back office of admin.ts.
 */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { fileURLToPath } from 'node:url'
import { cutoff } from './books.ts'
import type { BankEnv, BankHttp, BankLog, Sql } from './env.ts'
import { FaultPlan } from './fault-plan.ts'
import type { Faults } from './faults.ts'
import { type Desk, handle } from './handle.ts'
import { forgetAnswers, InFlight } from './idempotency.ts'
import { Notices } from './notices.ts'
import { settleAll } from './settle.ts'
import type { Address } from './webhooks.ts'

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
  /** The origin that cardholders' browsers reach the bank under, when that is not where it listens. */
  readonly publicUrl?: string
  /** How long an answer is kept for its Idempotency-Key. 24 hours unless given. */
  readonly idempotencyWindowMs?: number
  readonly faults?: Faults
  /** Opens the admin API to who brings it. Without one there is no admin API. */
  readonly adminToken?: string
  /** Sends notices to merchants' webhooks. Without one, nothing is sent. */
  readonly http?: BankHttp
  /** Where merchants hear of what happens that have no address of their own. Asked for each notice. */
  readonly standing?: (merchant: string) => Address | undefined
}
export type SandboxBank = { readonly url: string; readonly port: number; stop(): Promise<void> }

const DAY_MS = 24 * 60 * 60 * 1000
/** How often the bank looks for what only the clock decides. Whoever asks sees it decided before. */
const ROUND_MS = 10_000

/** @throws the server's error when it cannot listen: `EADDRINUSE` for a taken port */
export async function startSandboxBank(options: SandboxBankOptions): Promise<SandboxBank> {
  const { sql, env, log } = options
  const stopping = new AbortController()
  const { http, standing } = options
  const notices = new Notices({ sql, env, log, http, standing, stopping: stopping.signal })
  const handling = new Set<Promise<void>>()
  let origin = options.publicUrl ?? ''
  const desk: Desk = {
    bank: {
      sql,
      env,
      idempotencyWindowMs: options.idempotencyWindowMs ?? DAY_MS,
      inFlight: new InFlight(),
      get origin() {
        return origin
      },
    },
    plan: new FaultPlan(env),
    notices,
    log,
    faults: options.faults,
    adminToken: options.adminToken,
    stopping: stopping.signal,
  }

  const server = createServer({ requestTimeout: 30_000, maxHeaderSize: 16 * 1024 }, (request, response) => {
    const handled = handle(desk, request, response).finally(() => handling.delete(handled))
    handling.add(handled)
  })
  server.on('clientError', (_error, socket) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
  })
  server.listen(options.port, options.host)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const url = `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`
  origin = options.publicUrl ?? url
  const keepingUp = keepUp(desk)

  return {
    url,
    port,
    async stop() {
      stopping.abort() // Ends delays and the sleep below; what is being booked is finished and answered.
      const closed = once(server, 'close')
      server.close()
      while (handling.size > 0) await Promise.all(handling)
      await keepingUp
      await notices.finish()
      server.closeAllConnections() // Those that a fault left in silence, and the idle ones.
      await closed
    },
  }
}

/** Decides what is due, and forgets the answers that are too old. */
async function keepUp({ bank, notices, log, stopping }: Desk): Promise<void> {
  while (!stopping.aborted) {
    try {
      await settleAll({
        ...bank,
        tell: (told) => {
          void notices.write(told, bank.origin).then((letters) => notices.postAll(letters), logged(log))
        },
      })
      await forgetAnswers(bank.sql, cutoff(bank))
    } catch (error) {
      logged(log)(error)
    }
    await bank.env.sleep(ROUND_MS, stopping).catch(() => undefined)
  }
}

function logged(log: BankLog): (error: unknown) => void {
  return (error) => log.error({ err: error }, 'what is due stays for now')
}
