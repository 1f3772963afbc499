import type { Caller } from '../../../core/account.ts'
import type { Uuid } from '../../../core/ids.ts'
import { created, later, name, object, oneOf, optional, page, text } from '../../parameters/fields.ts'
import { type Api, type ApiDeps, callerOf, found, ownId } from '../api.ts'
import { expandAll } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { movementsNamed, renderMovement } from '../render/render-movement.ts'
import { given, requireCurrency } from '../sessions/parse-session.ts'
import { MOVEMENT_WORDS, MovementShape } from '../shapes/movement.ts'
import { listOf } from '../shapes/words.ts'

const ListMovements = object({
  ...page,
  created: created(),
  currency: optional(text(3)),
  payout: later(),
  source: optional(name()),
  type: optional(oneOf(MOVEMENT_WORDS)),
})

/** The ledger as shops know it: what each charge, refund and dispute changed of what the provider owes. */
export function registerMovements(api: Api, deps: ApiDeps): void {
  const { storage } = deps

  const one = { schema: { params: Named, querystring: Retrieve, response: { 200: MovementShape } } }
  api.get('/balance_transactions/:id', one, async (request) => {
    const { tenant } = callerOf(request)
    const record = await storage.findMovement(tenant, ownId(callerOf(request), 'movement', request.params.id))
    const movement = renderMovement(found(record, 'movement', request.params.id))
    await expandAll(deps, tenant, 'movement', [movement], request.query.expand)
    return movement
  })

  const list = { schema: { querystring: ListMovements, response: { 200: listOf(MovementShape) } } }
  api.get('/balance_transactions', list, async (request) => {
    const caller = callerOf(request)
    const { query } = request
    const page = await pageOf(request, query, 'movement', (id) => storage.findMovement(caller.tenant, id))
    const filter = given({
      types: query.type === undefined ? undefined : movementsNamed(query.type),
      currency: query.currency === undefined ? undefined : requireCurrency(query.currency, 'currency'),
      ...sourceOf(caller, query.source),
    })
    const items = await storage.listMovements(caller.tenant, page, filter)
    return answerPage(deps, request, 'movement', items, (movements) => movements.map(renderMovement))
  })
}

function sourceOf(caller: Caller, source: string | undefined): { chargeId?: Uuid; refundId?: Uuid; disputeId?: Uuid } {
  if (source === undefined) return {}
  if (source.startsWith('dp_')) return { disputeId: ownId(caller, 'dispute', source, 'source') }
  if (source.startsWith('re_')) return { refundId: ownId(caller, 'refund', source, 'source') }
  return { chargeId: ownId(caller, 'charge', source, 'source') }
}
