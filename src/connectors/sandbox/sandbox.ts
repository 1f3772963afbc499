import { type HttpClient, HttpError, type HttpResponse } from '../../core/env.ts'
import {
  CARD_PLACEHOLDERS,
  type ChargeOrder,
  type Connector,
  type ConnectorContext,
  type Evidence,
} from '../contract.ts'
import { readAuthorization } from './read-answer.ts'

/** An authorization may take as long as a slow issuer: shorter limits create doubt (reliability F11). */
const AUTHORIZE_TIMEOUT_MS = 50_000
const QUERY_TIMEOUT_MS = 10_000

/** The connector for our own sandbox bank. @param bankUrl its origin, such as `http://127.0.0.1:4110` */
export function sandboxConnector(bankUrl: string): Connector {
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
      return ask(() =>
        context.sendCard(order.tenant, order.cardToken, {
          url: `${bankUrl}/v1/authorizations`,
          headers: { ...credentials(order.tenant), 'idempotency-key': order.key },
          body: authorizationBody(order),
          timeoutMs: AUTHORIZE_TIMEOUT_MS,
        }),
      )
    },

    async sync(order, context) {
      return ask(() => query(order, context.http))
    },
  }

  function query(order: Parameters<Connector['sync']>[0], http: HttpClient): Promise<HttpResponse> {
    return http({
      method: 'GET',
      url: `${bankUrl}/v1/authorizations?reference=${encodeURIComponent(order.reference)}`,
      headers: credentials(order.tenant),
      timeoutMs: QUERY_TIMEOUT_MS,
      maxResponseBytes: 64 * 1024,
    })
  }
}

/** Silence and unreadable answers are `lost`; only a call that never left is `absent`. */
async function ask(call: () => ReturnType<ConnectorContext['http']>): Promise<Evidence> {
  try {
    return readAuthorization(await call())
  } catch (error) {
    if (error instanceof HttpError) return { is: error.outcome === 'not_sent' ? 'absent' : 'lost' }
    throw error
  }
}

/** Every tenant is a merchant of its own at the bank. */
function credentials(tenant: number): Record<string, string> {
  return { authorization: `Bearer bank_t${tenant}` }
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
      number: CARD_PLACEHOLDERS.number,
      exp_month: CARD_PLACEHOLDERS.expMonth,
      exp_year: CARD_PLACEHOLDERS.expYear,
      cvc: CARD_PLACEHOLDERS.cvc,
      ...(name === undefined ? {} : { name }),
      ...(address?.postalCode === undefined ? {} : { postal_code: address.postalCode }),
    },
  }
}
