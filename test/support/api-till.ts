import Stripe from 'stripe'
import { nameOf } from '../../src/core/ids.ts'
import type { Session } from '../../src/core/session.ts'
import { makeSecretSealer } from '../../src/events/endpoint-secret.ts'
import type { NewSessionInput } from '../../src/flows/session-input.ts'
import { registerApi } from '../../src/http/api/index.ts'
import { buildServer } from '../../src/http/server.ts'
import { NAMED_TEST_CARDS } from '../../src/test-cards.ts'
import { startTestTill, type TestTill } from './till.ts'

export type Paid = { readonly session: Session; readonly paymentId: string; readonly chargeId: string }

/** The API on a port over everything behind it, the sandbox bank included, and the official SDK pointed at it. */
export async function startApiTill(file: string, choices: Parameters<typeof startTestTill>[1] = {}) {
  const till = await startTestTill(file, choices)
  const logged: string[] = []
  const note = (fields: object, message: string) => void logged.push(`${message} ${JSON.stringify(fields)}`)
  const deps = {
    ...till.payments,
    cards: till.vault,
    testCards: NAMED_TEST_CARDS,
    log: { info: note, error: note },
    publicUrl: () => 'https://pay.example',
    sealer: makeSecretSealer(till.env, till.env.randomBytes(32)),
    checkReplies: true,
  }
  const app = buildServer(deps)
  registerApi(app, deps)
  await app.listen({ host: '127.0.0.1', port: 0 })
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
