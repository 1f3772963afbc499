import Stripe from 'stripe'
import { buildAssets } from '../../src/checkout/assets.ts'
import { registerCheckout } from '../../src/checkout/routes.ts'
import { errorPageUrl } from '../../src/core/error-page.ts'
import { nameOf } from '../../src/core/ids.ts'
import { DIALECTS, type Session } from '../../src/core/session.ts'
import { makeSecretSealer } from '../../src/events/endpoint-secret.ts'
import { makeListenerSigner } from '../../src/events/listener-signer.ts'
import { openBell } from '../../src/flows/bell.ts'
import { makeTails } from '../../src/flows/listeners/tails.ts'
import { openReceipts } from '../../src/flows/receipts.ts'
import type { NewSessionInput } from '../../src/flows/session-input.ts'
import { doorEvents } from '../../src/http/dialects/door-events.ts'
import { pagesOfDoors, registerDoors } from '../../src/http/doors.ts'
import { buildServer } from '../../src/http/server.ts'
import { listenForNumbers } from '../../src/storage/numbered.ts'
import { NAMED_TEST_CARDS, ODD_TEST_NUMBERS, TEST_CARD_GROUPS } from '../../src/test-cards.ts'
import { startTestTill, type TestTill } from './till.ts'

export type Paid = { readonly session: Session; readonly paymentId: string; readonly chargeId: string }

/** Of the page for errors without a session. */
const PROOF_KEY = new Uint8Array(32).fill(7)

type Choices = Parameters<typeof startTestTill>[1] & {
  /** Whether shoppers' pages are served there too. */
  readonly pages?: boolean
}

/** The API on a port over everything behind it, the sandbox bank included, and the official SDK pointed at it. */
export async function startApiTill(file: string, choices: Choices = {}) {
  const till = await startTestTill(file, choices)
  const logged: string[] = []
  const note = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  let publicUrl = 'https://pay.example'
  const bell = openBell(till.env)
  await listenForNumbers(till.db.sql, bell.ring)
  const deps = {
    ...till.payments,
    bell,
    receipts: openReceipts({
      ...till.payments,
      publicUrl: () => publicUrl,
      sealingKey: till.env.randomBytes(32),
    }),
    cards: till.vault,
    cookieKey: till.env.randomBytes(32),
    parametersKey: new Uint8Array(32).fill(7),
    testCards: NAMED_TEST_CARDS,
    log: { info: note, error: note },
    publicUrl: () => publicUrl,
    sealer: makeSecretSealer(till.env, till.env.randomBytes(32)),
    doors: doorEvents(() => ({ publicUrl })),
    stripeCli: { signer: makeListenerSigner(till.env, till.env.randomBytes(32)), tails: makeTails(till.payments) },
    checkReplies: true,
  }
  const app = buildServer(deps)
  registerDoors(app, deps, DIALECTS)
  if (choices.pages) {
    const origins = {
      get publicOrigin() {
        return publicUrl
      },
      get vaultOrigin() {
        return publicUrl
      },
    }
    registerCheckout(app, {
      payments: till.payments,
      receipts: deps.receipts,
      cards: till.vault,
      assets: await buildAssets(),
      origins,
      ...pagesOfDoors({ ...deps, errorPageUrl: (facts) => errorPageUrl(publicUrl, PROOF_KEY, facts) }, DIALECTS),
      errorPageKey: PROOF_KEY,
      oddTestNumbers: ODD_TEST_NUMBERS,
      testCardGroups: TEST_CARD_GROUPS,
      track: () => {},
      log: deps.log,
    })
  }
  const bound = await app.listen({ host: '127.0.0.1', port: 0 })
  if (choices.pages) publicUrl = bound
  const address = app.server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  const stripe = new Stripe(till.secretKey, {
    host: '127.0.0.1',
    port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
  })
  return {
    till,
    stripe,
    logged,
    /** One request as a plain client sends it: a text is a form, an object JSON. */
    async ask(method: 'GET' | 'POST', url: string, body?: string | object, headers: object = {}) {
      const type = typeof body === 'string' ? 'application/x-www-form-urlencoded' : 'application/json'
      const reply = await app.inject({
        method,
        url,
        headers: {
          authorization: `Bearer ${till.secretKey}`,
          ...(body === undefined ? {} : { 'content-type': type }),
          ...headers,
        },
        ...(body === undefined ? {} : { payload: body }),
      })
      return { status: reply.statusCode, headers: reply.headers, json: reply.json(), text: reply.body }
    },
    paid: (number: string, input: Partial<NewSessionInput> = {}) => payOne(till, number, input),
    async stop() {
      await app.close()
      await till.stop()
    },
  }
}

/** A session of EUR 24.00 that somebody paid with this card. */
async function payOne(till: TestTill, number: string, input: Partial<NewSessionInput>): Promise<Paid> {
  const session = await till.openSession(input)
  const { payment, charge } = await till.pay(session, number)
  return {
    session,
    paymentId: nameOf('payment', payment.tenant, payment.id),
    chargeId: nameOf('charge', payment.tenant, charge.id),
  }
}
