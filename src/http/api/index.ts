import type { FastifyInstance, FastifyRequest } from 'fastify'
import { parseForm } from '../../core/form.ts'
import { paramPath } from '../../core/param-path.ts'
import type { ParameterObject, ParsedParameters } from '../../core/parameters.ts'
import { authenticate, through } from '../authenticate.ts'
import { Refused } from '../errors.ts'
import { ERRORS_PAGE_POLICY, errorsHtml, frontHtml } from '../errors-page.ts'
import { handOver } from '../hand-over.ts'
import { registerReceiptKeys } from '../receipt-keys.ts'
import { checkShapes, queryOf, readBodies, refuseEncoding, type Unread } from '../unread.ts'
import { registerAccount } from './account/account.ts'
import type { Api, ApiDeps, Identify } from './api.ts'
import { registerCustomers } from './catalog/customers.ts'
import { registerPrices } from './catalog/prices.ts'
import { registerProducts } from './catalog/products.ts'
import { registerDisputes } from './disputes/disputes.ts'
import { registerDeliveries } from './events/deliveries.ts'
import { registerEndpoints } from './events/endpoints.ts'
import { registerEvents } from './events/events.ts'
import { registerFeed } from './feed/feed.ts'
import { registerCustomerMethods } from './methods/customer-methods.ts'
import { registerMethods } from './methods/methods.ts'
import { registerMovements } from './movements/movements.ts'
import { registerPages } from './payment-pages/payment-pages.ts'
import { registerPaymentChanges } from './payments/change-payments.ts'
import { registerCharges, registerPayments } from './payments/payments.ts'
import { registerSettling } from './payments/settle-payments.ts'
import { registerReceipts } from './receipts/receipts.ts'
import { registerRefunds } from './refunds/refunds.ts'
import { API_VERSION } from './render/versions.ts'
import { registerSessionChanges } from './sessions/change-sessions.ts'
import { registerOutcome } from './sessions/outcome.ts'
import { registerSessionReads } from './sessions/read-sessions.ts'
import { registerSessionNames } from './sessions/session-names.ts'
import { connectListeners } from './stripe-cli/connect-listeners.ts'
import { noteRequests } from './stripe-cli/note-requests.ts'
import { registerListeners } from './stripe-cli/open-listener.ts'

export type { ApiDeps, DoorsDeps } from './api.ts'

/** The native door: everything under /v1, and the page that its errors point to. */
export function registerApi(app: FastifyInstance, deps: ApiDeps): void {
  const identify: Identify = async (request) => through('native', await authenticate(request, deps))
  app.addHook('preClose', async () => deps.bell.stop())
  app.get('/', (_, reply) =>
    reply.header('content-security-policy', ERRORS_PAGE_POLICY).type('text/html; charset=utf-8').send(frontHtml()),
  )
  app.get('/docs/errors', (_, reply) =>
    reply.header('content-security-policy', ERRORS_PAGE_POLICY).type('text/html; charset=utf-8').send(errorsHtml()),
  )
  connectListeners(app, deps)
  registerReceiptKeys(app, deps)
  void app.register(
    async (plain) => {
      const api: Api = plain.withTypeProvider()
      readBodies(api, deps, ['form', 'json'])
      checkShapes(api, deps)
      noteRequests(api, deps)
      api.addHook('onSend', async (request, _, payload) => forPeople(request, payload))
      api.addHook('onRequest', async (request, reply) => {
        reply.header('stripe-version', API_VERSION)
        refuseEncoding(request)
        if (!request.is404) {
          const facts = await authenticate(request, deps)
          if (handOver(app, facts, request, reply)) return
          request.caller = through('native', facts)
        }
        const parsed = parseForm(queryOf(request))
        if (request.method === 'POST' && !request.is404) refuseQuery(parsed)
        request.query = { from: 'form', parsed } satisfies Unread
      })
      registerSessionChanges(api, deps)
      registerSessionReads(api, deps)
      registerOutcome(api, deps, identify)
      registerSessionNames(api, deps)
      registerReceipts(api, deps)
      registerProducts(api, deps)
      registerPrices(api, deps)
      registerCustomers(api, deps)
      registerPayments(api, deps)
      registerPaymentChanges(api, deps)
      registerSettling(api, deps)
      registerMethods(api, deps)
      registerCustomerMethods(api, deps)
      registerCharges(api, deps)
      registerRefunds(api, deps)
      registerDisputes(api, deps)
      registerMovements(api, deps)
      registerEvents(api, deps)
      registerFeed(api, deps, identify)
      registerEndpoints(api, deps)
      registerDeliveries(api, deps)
      registerAccount(api, deps)
      registerListeners(api, deps)
      registerPages(api, deps)
    },
    { prefix: '/v1' },
  )
}

/** Programs ask for `application/json` and get it dense; whoever does not, as curl, is a person and gets lines. */
function forPeople({ headers }: FastifyRequest, payload: unknown): unknown {
  if (typeof payload !== 'string' || headers.accept?.includes('json')) return payload
  return `${JSON.stringify(JSON.parse(payload), undefined, 2)}\n`
}

/** A change is told in its body alone: what stands in the address ends up in logs on the way. */
function refuseQuery(parsed: ParsedParameters<ParameterObject>): void {
  const [first] = parsed.ok ? Object.keys(parsed.value) : ['']
  if (first !== undefined) {
    const detail = 'It stands in the URL; a POST takes its parameters in its body.'
    throw new Refused({ code: 'parameter_unknown', param: paramPath([first]), detail })
  }
}
