import { once } from 'node:events'
import { buildAssets } from '../../src/checkout/assets.ts'
import type { Desk } from '../../src/checkout/desk.ts'
import { registerCheckout } from '../../src/checkout/routes.ts'
import type { Session } from '../../src/core/session.ts'
import { shopReturnOf } from '../../src/core/shop-returns.ts'
import { shopReturnUrl } from '../../src/flows/challenge-visit.ts'
import { openReceipts } from '../../src/flows/receipts.ts'
import { pageCredential } from '../../src/flows/visit.ts'
import { buildServer } from '../../src/http/server.ts'
import { ODD_TEST_NUMBERS, TEST_CARD_GROUPS } from '../../src/test-cards.ts'
import { captureLog } from './log.ts'
import { startTestTill, type TestTill } from './till.ts'

export type PageTill = {
  readonly till: TestTill
  readonly url: string
  /** Every line that the server logged, serialized. */
  readonly logged: readonly string[]
  /** The path of a session's page. */
  pathOf(session: Session): string
  /** The one-use word of the form that the page shows now. */
  attemptOf(session: Session): Promise<string>
  /** Sends the form as a browser without scripts does, or as the page's script does. */
  post(
    path: string,
    body: string | Uint8Array<ArrayBuffer> | undefined,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>
  stop(): Promise<void>
}

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
export const SCRIPT = { ...FORM, accept: 'application/json' }

/** The hosted page on a port of its own, over everything that stands behind it. */
export async function startPageTill(
  file: string,
  choices: Parameters<typeof startTestTill>[1] & { readonly desk?: (desk: Desk) => Desk } = {},
): Promise<PageTill> {
  const till = await startTestTill(file, choices)
  const { log, logged } = captureLog()
  let url = ''
  const app = buildServer({ env: till.env, log, publicUrl: () => url, parametersKey: new Uint8Array(32).fill(7) })
  const flights = new Set<Promise<unknown>>()
  const desk: Desk = {
    payments: till.payments,
    cards: till.vault,
    receipts: openReceipts({ ...till.payments, publicUrl: () => url, sealingKey: till.env.randomBytes(32) }),
    assets: await buildAssets(),
    origins: {
      get publicOrigin() {
        return url
      },
      get vaultOrigin() {
        return url
      },
    },
    returns: shopReturnOf({}),
    paymentReturns: shopReturnUrl,
    aliases: [],
    oddTestNumbers: ODD_TEST_NUMBERS,
    testCardGroups: TEST_CARD_GROUPS,
    track: (work) => void flights.add(work),
    log,
  }
  registerCheckout(app, choices.desk?.(desk) ?? desk)
  url = await app.listen({ host: '127.0.0.1', port: 0 })
  const pathOf = (session: Session) => `/c/pay/${pageCredential(session)}`
  return {
    till,
    url,
    logged,
    pathOf,
    async attemptOf(session) {
      const page = await (await fetch(url + pathOf(session))).text()
      const attempt = /name="attempt" value="([^"]+)"/.exec(page)?.[1]
      if (attempt === undefined) throw new Error('the page shows no form')
      return attempt
    },
    post: (path, body, headers = FORM) =>
      fetch(url + path, { method: 'POST', redirect: 'manual', headers, ...(body === undefined ? {} : { body }) }),
    async stop() {
      const closed = once(app.server, 'close')
      app.server.closeAllConnections()
      await app.close()
      await closed
      await Promise.allSettled(flights)
      await till.stop()
    },
  }
}
