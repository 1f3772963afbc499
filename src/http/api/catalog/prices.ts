import type { Static } from '@fastify/type-provider-typebox'
import type { Caller } from '../../../core/account.ts'
import { LONGEST_INTERVALS, type Recurrence } from '../../../core/catalog.ts'
import { createPrice } from '../../../flows/catalog/create-price.ts'
import type { NewPrice } from '../../../flows/catalog/new-rows.ts'
import { updatePrice } from '../../../flows/catalog/update-price.ts'
import { Refused } from '../../errors.ts'
import { answerChange } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, ownId, ownIdIfNamed } from '../api.ts'
import { expandAll } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { renderPrice } from '../render/render-price.ts'
import { given, newMetadata, requireCurrency, requireMinor } from '../sessions/parse-session.ts'
import { PriceShape } from '../shapes/catalog.ts'
import { listOf } from '../shapes/words.ts'
import { CreatePrice, type CreatePriceBody, ListPrices, type RecurrenceBody, UpdatePrice } from './parameters.ts'
import { registerSearch } from './search.ts'

export function registerPrices(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const response = { 200: PriceShape }
  const one = '/prices/:id'

  api.post('/prices', { schema: { body: CreatePrice, response } }, async (request, reply) => {
    const call = callOf(request, 'price')
    const result = await createPrice(deps, call, parseNew(call.caller, request.body))
    return answerChange<Static<typeof PriceShape>>(deps, request, reply, 'price', result)
  })

  api.post(one, { schema: { params: Named, body: UpdatePrice, response } }, async (request, reply) => {
    const { body } = request
    const id = ownId(callerOf(request), 'price', request.params.id)
    const changes = given({
      active: body.active,
      lookupKey: body.lookup_key,
      transferLookupKey: body.transfer_lookup_key,
      metadata: body.metadata,
      nickname: body.nickname,
      taxBehavior: body.tax_behavior,
    })
    const result = await updatePrice(deps, callOf(request, 'price'), id, changes)
    return answerChange<Static<typeof PriceShape>>(deps, request, reply, 'price', result)
  })

  registerSearch(api, deps, 'price', PriceShape, renderPrice)

  api.get(one, { schema: { params: Named, querystring: Retrieve, response } }, async (request) => {
    const { tenant } = callerOf(request)
    const record = await storage.findPrice(tenant, ownId(callerOf(request), 'price', request.params.id))
    const price = renderPrice(found(record, 'price', request.params.id))
    await expandAll(deps, tenant, 'price', [price], request.query.expand)
    return price
  })

  const list = { schema: { querystring: ListPrices, response: { 200: listOf(PriceShape) } } }
  api.get('/prices', list, async (request) => {
    const caller = callerOf(request)
    const { query } = request
    const page = await pageOf(request, query, 'price', (id) => storage.findPrice(caller.tenant, id))
    const filter = given({
      active: query.active,
      productId: ownIdIfNamed(caller, 'product', query.product, 'product'),
      currency: query.currency === undefined ? undefined : requireCurrency(query.currency, 'currency'),
      lookupKeys: query.lookup_keys,
      type: query.type ?? (query.recurring ? ('recurring' as const) : undefined),
      interval: query.recurring?.interval,
    })
    const items = await storage.listPrices(caller.tenant, page, filter)
    return answerPage(deps, request, 'price', items, (prices) => prices.map(renderPrice))
  })
}

function parseNew(caller: Caller, body: CreatePriceBody): NewPrice {
  const currency = requireCurrency(body.currency, 'currency')
  if (body.unit_amount === undefined) throw new Refused({ code: 'parameter_missing', param: 'unit_amount' })
  return given({
    product: parseProduct(caller, body),
    currency,
    unitAmount: requireMinor(body.unit_amount, currency, 'unit_amount'),
    active: body.active ?? true,
    lookupKey: body.lookup_key,
    transferLookupKey: body.transfer_lookup_key,
    document: given({
      nickname: body.nickname,
      metadata: newMetadata(body.metadata),
      taxBehavior: body.tax_behavior,
      recurring: body.recurring && parseRecurrence(body.recurring, 'recurring'),
    }),
  })
}

/** @param at where it stands, for errors */
export function parseRecurrence(body: RecurrenceBody, at: string): Recurrence {
  const intervalCount = body.interval_count ?? 1
  const longest = LONGEST_INTERVALS[body.interval]
  if (intervalCount > longest) {
    const detail = `at most ${longest} of the interval ${body.interval}`
    throw new Refused({ code: 'parameter_invalid_range', param: `${at}[interval_count]`, detail })
  }
  return given({ interval: body.interval, intervalCount, trialPeriodDays: body.trial_period_days })
}

function parseProduct(caller: Caller, { product, product_data: data }: CreatePriceBody): NewPrice['product'] {
  if (product !== undefined && data !== undefined) {
    throw new Refused({ code: 'parameters_exclusive', param: 'product', detail: 'product, product_data' })
  }
  if (product !== undefined) return { id: ownId(caller, 'product', product, 'product') }
  if (data === undefined) throw new Refused({ code: 'parameter_missing', param: 'product' })
  return {
    data: {
      name: data.name,
      active: data.active ?? true,
      document: given({
        metadata: newMetadata(data.metadata),
        statementDescriptor: data.statement_descriptor,
        taxCode: data.tax_code,
        unitLabel: data.unit_label,
      }),
    },
  }
}
