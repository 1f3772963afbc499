import { HttpError, type HttpResponse } from '../../core/env.ts'
import type { Tenant } from '../../core/ids.ts'
import type { ObservedRefund, Seen } from '../../core/observation.ts'
import type {
  CancelOrder,
  CardPlaces,
  ChargeOrder,
  Connector,
  ConnectorContext,
  DisputeOrder,
  MoneyOrder,
  OrderName,
  OrderOutcome,
} from '../contract.ts'
import { expectedError } from './expected-error.ts'
import { hasMoreRefunds, readContinued, readOperations, readOutcome, readQuery, readSent } from './read-answer.ts'
import { readNotice } from './read-notice.ts'
import { threeDSecureFields } from './three-d-secure.ts'

/** An authorization may take as long as a slow issuer: shorter limits create doubt (reliability F11). */
const TIMEOUTS = { authorizeMs: 50_000, orderMs: 20_000, queryMs: 10_000 } as const

/** The connector for our own sandbox bank. @param bankUrl its origin, such as `http://127.0.0.1:4110` */
export function sandboxConnector(
  bankUrl: string,
  timeouts: { readonly authorizeMs: number; readonly orderMs: number; readonly queryMs: number } = TIMEOUTS,
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
      if (answer === 'not_sent') return 'absent'
      return answer === 'unknown' ? 'lost' : readOutcome(answer, order)
    },

    sync: (order, context) => observe(order, context),

    async goOn(order, context) {
      const answer = await answerOf(
        context.http({
          method: 'POST',
          url: `${bankUrl}/v1/authorizations/${encodeURIComponent(order.providerId)}/continue`,
          headers: { ...credentials(order.tenant), 'content-type': 'application/json' },
          body: '{}',
          timeoutMs: timeouts.orderMs,
          maxResponseBytes: MAX_ANSWER_BYTES,
        }),
      )
      return typeof answer === 'object' ? readContinued(answer, order) : 'lost'
    },

    capture: (order, context) => send(pathOf(order, 'captures'), taking(order), order, context),
    voidAuthorization: (order, context) => send(pathOf(order, 'voids'), named(order), order, context),
    refund: (order, context) => send(pathOf(order, 'refunds'), taking(order), order, context),
    cancelRefund: (order, context) =>
      send(`/v1/operations/${encodeURIComponent(order.providerId)}/cancel`, {}, order, context),
    answerDispute: (order, context) => {
      const what = order.evidence ? 'evidence' : 'acceptance'
      const body = order.evidence ? { evidence: order.evidence } : {}
      return send(`/v1/disputes/${encodeURIComponent(order.providerId)}/${what}`, body, order, context)
    },
    hook: (delivery, secrets, now) => readNotice(delivery, merchantOf(delivery.tenant), secrets, now),
  }

  // A question that did not arrive says nothing about the order that it asked about.
  async function observe(order: OrderName, context: ConnectorContext, again = 3): Promise<Seen> {
    const answer = await get(`/v1/authorizations?reference=${encodeURIComponent(order.reference)}`, order, context)
    const seen = answer ? readQuery(answer, order) : 'lost'
    // The bank adds up and lists one after the other: read while a refund is booked, the two may disagree for a moment.
    if (answer?.status === 200 && seen === 'lost' && again > 0) return observe(order, context, again - 1)
    if (!answer || typeof seen === 'string' || !hasMoreRefunds(answer)) return seen
    // Of money that is none of ours no refund is either.
    if (seen.currency !== undefined) return seen
    const refunds = await refundsOf(seen.providerId ?? '', order, context)
    return refunds ? { ...seen, refunds } : 'lost'
  }

  async function refundsOf(id: string, order: OrderName, context: ConnectorContext) {
    const refunds: ObservedRefund[] = []
    let cursor = ''
    for (let pages = 0; pages < MOST_PAGES; pages++) {
      const from = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const path = `/v1/authorizations/${encodeURIComponent(id)}/operations?limit=100${from}`
      const answer = await get(path, order, context)
      const page = answer && readOperations(answer, order)
      if (!page) return undefined
      refunds.push(...page.refunds)
      if (page.next === null) return refunds
      cursor = page.next
    }
    return undefined
  }

  async function send(
    path: string,
    body: Readonly<Record<string, unknown>>,
    order: CancelOrder | DisputeOrder | MoneyOrder,
    context: ConnectorContext,
  ): Promise<OrderOutcome> {
    const answer = await answerOf(
      context.http({
        method: 'POST',
        url: bankUrl + path,
        headers: {
          ...credentials(order.charge.tenant),
          'content-type': 'application/json',
          'idempotency-key': order.key,
        },
        body: JSON.stringify(body),
        timeoutMs: timeouts.orderMs,
        maxResponseBytes: MAX_ANSWER_BYTES,
      }),
    )
    const sent =
      typeof answer === 'object' ? readSent(answer) : ({ sent: answer === 'unknown' ? 'lost' : answer } as const)
    return { ...sent, seen: await observe(order.charge, context) }
  }

  async function get(path: string, order: OrderName, context: ConnectorContext): Promise<HttpResponse | undefined> {
    const answer = await answerOf(
      context.http({
        method: 'GET',
        url: bankUrl + path,
        headers: credentials(order.tenant),
        timeoutMs: timeouts.queryMs,
        maxResponseBytes: MAX_ANSWER_BYTES,
      }),
    )
    return typeof answer === 'string' ? undefined : answer
  }
}

const pathOf = ({ charge }: MoneyOrder, what: 'captures' | 'voids' | 'refunds'): string =>
  `/v1/authorizations/${encodeURIComponent(charge.providerId)}/${what}`
const named = ({ reference }: MoneyOrder) => ({ reference })
const taking = ({ reference, amount }: MoneyOrder) => ({ reference, amount: Number(amount) })

const MAX_ANSWER_BYTES = 64 * 1024
/** More operations than this on one charge are more than we ever order. */
const MOST_PAGES = 20

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
const merchantOf = (tenant: number): string => `t${tenant}`

/** The reverse; undefined for a merchant that is no tenant of ours. */
export function tenantOfMerchant(merchant: string): Tenant | undefined {
  const number = /^t([1-9]\d{0,9})$/.exec(merchant)?.[1]
  return number !== undefined && Number(number) < 2 ** 31 ? (Number(number) as Tenant) : undefined
}

function credentials(tenant: number): Record<string, string> {
  return { authorization: `Bearer bank_${merchantOf(tenant)}` }
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
    ...expectedError(order.metadata),
    ...(order.threeDSecure === undefined ? {} : { three_d_secure: threeDSecureFields(order.threeDSecure) }),
    card: {
      ...(name === undefined ? {} : { name }),
      ...(address?.postalCode === undefined ? {} : { postal_code: address.postalCode }),
    },
  }
}
