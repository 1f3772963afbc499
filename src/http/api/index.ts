import type { TSchema } from '@fastify/type-provider-typebox'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Check } from 'typebox/value'
import { parseForm } from '../../core/form.ts'
import { parseJson } from '../../core/json.ts'
import { paramPath } from '../../core/param-path.ts'
import type { Parameter, ParameterObject, ParsedParameters } from '../../core/parameters.ts'
import { authenticate, KnownKeys } from '../authenticate.ts'
import { Refused } from '../errors.ts'
import { ERRORS_PAGE_POLICY, errorsHtml } from '../errors-page.ts'
import type { Words } from '../parameters/fields.ts'
import { readParameters, type Tree } from '../parameters/read.ts'
import { registerReceiptKeys } from '../receipt-keys.ts'
import { registerAccount } from './account/account.ts'
import { type Api, type ApiDeps, callerOf, type Identify } from './api.ts'
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
import { connectListeners } from './stripe-cli/connect-listeners.ts'
import { noteRequests } from './stripe-cli/note-requests.ts'
import { registerListeners } from './stripe-cli/open-listener.ts'

export type { ApiDeps } from './api.ts'

/** The native door: everything under /v1, and the page that its errors point to. */
export function registerApi(app: FastifyInstance, deps: ApiDeps): void {
  const keys = new KnownKeys(deps.env)
  const identify: Identify = (request) => authenticate(request, { storage: deps.storage, keys })
  app.addHook('preClose', async () => deps.bell.stop())
  app.decorateRequest('caller', null)
  app.decorateRequest('card', null)
  app.get('/docs/errors', (_, reply) =>
    reply.header('content-security-policy', ERRORS_PAGE_POLICY).type('text/html; charset=utf-8').send(errorsHtml()),
  )
  connectListeners(app, deps)
  registerReceiptKeys(app, deps)
  void app.register(
    async (plain) => {
      const api: Api = plain.withTypeProvider()
      readBodies(api, deps)
      checkShapes(api, deps)
      noteRequests(api, deps)
      api.addHook('onSend', async (request, _, payload) => forPeople(request, payload))
      api.addHook('onRequest', async (request, reply) => {
        reply.header('stripe-version', API_VERSION)
        refuseEncoding(request)
        if (!request.is404) request.caller = await identify(request)
        const parsed = parseForm(queryOf(request))
        if (request.method === 'POST' && !request.is404) refuseQuery(parsed)
        request.query = { from: 'form', parsed } satisfies Unread
      })
      registerSessionChanges(api, deps)
      registerSessionReads(api, deps)
      registerOutcome(api, deps, identify)
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

/** What a parser made of body or query, before a schema is known. */
type Unread = { readonly from: Tree['from']; readonly parsed: ParsedParameters<Parameter> }

/** Forms and JSON, and nothing else: a body of another kind is refused before it is read. */
function readBodies(api: Api, { cards }: ApiDeps): void {
  /** Where a route takes a card, the vault reads the body, and keeps the card for itself. */
  const read = (request: FastifyRequest, body: Uint8Array, from: Unread['from']): Unread => {
    const { card: place } = request.routeOptions.config
    if (place === undefined) return { from, parsed: from === 'form' ? parseForm(body) : parseJson(body) }
    const { parsed, card } = cards.takeParameters(callerOf(request).tenant, body, from, place)
    request.card = card ?? null
    return { from, parsed }
  }
  api.removeAllContentTypeParsers()
  api.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'buffer' },
    async (request: FastifyRequest, body: Buffer) => {
      checkCharset(request)
      return read(request, body, 'form')
    },
  )
  api.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) => {
    checkCharset(request)
    return body.length === 0 ? EMPTY : read(request, body, 'json')
  })
}

const EMPTY: Unread = { from: 'form', parsed: { ok: true, value: {} } }

/** Requests become what their schema says, or a fault; replies are compared with theirs where a test asks for it. */
function checkShapes(api: Api, deps: ApiDeps): void {
  api.setValidatorCompiler<TSchema>(({ schema, httpPart }) => (data: unknown) => {
    if (httpPart === 'params') return { value: data }
    const { from, parsed } = (data as Unread | undefined) ?? EMPTY
    try {
      if (!parsed.ok) throw faultOfParser(parsed.fault)
      return { value: readParameters(schema as Words, { from, tree: parsed.value }) }
    } catch (error) {
      return { error: error as Error }
    }
  })
  api.setSerializerCompiler<TSchema>(({ schema }) => (reply: unknown) => {
    if (deps.checkReplies && !Check(schema, reply)) throw new Error('a reply has another shape than its route says')
    return JSON.stringify(reply)
  })
}

function faultOfParser(fault: Extract<Unread['parsed'], { ok: false }>['fault']): Refused {
  const code = fault.code === 'invalid_integer' && fault.path !== '' ? 'parameter_invalid_integer' : 'body_invalid'
  return new Refused({ code, detail: fault.message, ...(fault.path === '' ? {} : { param: fault.path }) })
}

/** A change is told in its body alone: what stands in the address ends up in logs on the way. */
function refuseQuery(parsed: ParsedParameters<ParameterObject>): void {
  const [first] = parsed.ok ? Object.keys(parsed.value) : ['']
  if (first !== undefined) throw new Refused({ code: 'parameter_unknown', param: paramPath([first]) })
}

function queryOf(request: FastifyRequest): string {
  const target = request.raw.url ?? ''
  const start = target.indexOf('?')
  return start < 0 ? '' : target.slice(start + 1)
}

/** Nothing is unpacked here, so nothing can be a bomb. */
function refuseEncoding({ headers }: FastifyRequest): void {
  const encoding = headers['content-encoding']
  if (encoding !== undefined && encoding !== 'identity') throw new Refused({ code: 'content_encoding_unsupported' })
}

function checkCharset({ headers }: FastifyRequest): void {
  const [, charset] = /;\s*charset="?([^";\s]+)/i.exec(headers['content-type'] ?? '') ?? []
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) throw new Refused({ code: 'content_type_unsupported' })
}
