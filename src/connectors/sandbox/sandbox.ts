import { HttpError, type HttpResponse } from '../../core/env.ts'
import type { CardPlaces, ChargeOrder, Connector, ConnectorContext, OrderName } from '../contract.ts'
import { readOutcome, readQuery } from './read-answer.ts'

/** An authorization may take as long as a slow issuer: shorter limits create doubt (reliability F11). */
const TIMEOUTS = { authorizeMs: 50_000, queryMs: 10_000 } as const

/** The connector for our own sandbox bank. @param bankUrl its origin, such as `http://127.0.0.1:4110` */
export function sandboxConnector(
  bankUrl: string,
  timeouts: { readonly authorizeMs: number; readonly queryMs: number } = TIMEOUTS,
): Connector {
  return {
    id: 'sandbox',
    can: {
      live: false,
      hold: true,
      idempotencyWindowMs: 24 * 60 * 60 * 1000,
      queryByReference: true,
      horizonMs: 15 * 60 * 1000,
      takesCards: true,
      checksPostalCode: false,
    },

    async start(order, context) {
      const request = {
        url: `${bankUrl}/v1/authorizations`,
        headers: { ...credentials(order.tenant), 'idempotency-key': order.key },
        body: authorizationBody(order),
        places: PLACES,
        timeoutMs: timeouts.authorizeMs,
      }
      const answer = await answerOf(context.sendCard(order.card, request))
      if (answer === 'not_sent') return { is: 'absent' }
      return answer === 'unknown' ? { is: 'lost' } : readOutcome(answer, order)
    },

    // A question that did not arrive says nothing about the order that it asked about.
    async sync(order, context) {
      const answer = await answerOf(query(order, context.http))
      return typeof answer === 'string' ? { is: 'lost' } : readQuery(answer, order)
    },
  }

  function query(order: OrderName, http: ConnectorContext['http']): Promise<HttpResponse> {
    return http({
      method: 'GET',
      url: `${bankUrl}/v1/authorizations?reference=${encodeURIComponent(order.reference)}`,
      headers: credentials(order.tenant),
      timeoutMs: timeouts.queryMs,
      maxResponseBytes: 64 * 1024,
    })
  }
}

/** The bank's answer, or how the call ended without one. */
async function answerOf(call: Promise<HttpResponse>): Promise<HttpResponse | HttpError['outcome']> {
  try {
    return await call
  } catch (error) {
    if (error instanceof HttpError) return error.outcome
    throw error
  }
}

/** Every tenant is a merchant of its own at the bank. */
function credentials(tenant: number): Record<string, string> {
  return { authorization: `Bearer bank_t${tenant}` }
}

const PLACES: CardPlaces = {
  number: ['card', 'number'],
  expMonth: ['card', 'exp_month'],
  expYear: ['card', 'exp_year'],
  cvc: ['card', 'cvc'],
}

function authorizationBody(order: ChargeOrder): Record<string, unknown> {
  const { name, address } = order.billing
  return {
    reference: order.reference,
    amount: Number(order.amount),
    currency: order.currency,
    capture: order.captureNow,
    ...(order.statementDescriptor === undefined ? {} : { statement_descriptor: order.statementDescriptor }),
    card: {
      ...(name === undefined ? {} : { name }),
      ...(address?.postalCode === undefined ? {} : { postal_code: address.postalCode }),
    },
  }
}
