import { type Static, Type } from '@fastify/type-provider-typebox'
import { isLive, nameOf, type Tenant } from '../../../core/ids.ts'
import { isSettled, STANDINGS, standingOf, versionOf } from '../../../core/standing.ts'
import { lookUntil } from '../../../flows/bell.ts'
import type { SessionView } from '../../../storage/sessions.ts'
import { whenLeft } from '../../left.ts'
import { integer, optional, object as parameters } from '../../parameters/fields.ts'
import { Places } from '../../places.ts'
import { type Api, type ApiDeps, callerOf, found, type Identify, ownId } from '../api.ts'
import { MOST_WAIT_SECONDS } from '../feed/feed.ts'
import { Named } from '../named.ts'
import { wireAmount } from '../render/parts.ts'
import { B, I, object, orNull, S } from '../shapes/words.ts'

/** A shop asks for each shopper who comes back at this moment. */
const PLACES = { perTenant: 200, inAll: 1000 }

const ReadOutcome = parameters({ wait: optional(integer(0, MOST_WAIT_SECONDS)) })

export const OutcomeShape = object({
  id: S,
  object: Type.Literal('checkout.session.outcome'),
  amount_captured: I,
  amount_refunded: I,
  amount_total: I,
  currency: S,
  livemode: B,
  payment_intent: orNull(S),
  /** False: it is not known yet, and `state` says why. */
  settled: B,
  state: Type.Unsafe<(typeof STANDINGS)[number]>({ enum: [...STANDINGS] }),
  version: I,
})

/**
 * What came of a session, for the shop whose shopper is back: it may wait for the answer. One indexed read when it is
 * asked, one when it begins to wait, and one for each event of this session or its payment until it is settled.
 */
export function registerOutcome(api: Api, deps: ApiDeps, identify: Identify): void {
  const places = new Places(PLACES)
  const route = { schema: { params: Named, querystring: ReadOutcome, response: { 200: OutcomeShape } } }
  api.get('/checkout/sessions/:id/outcome', route, async (request, reply) => {
    const caller = callerOf(request)
    const id = ownId(caller, 'session', request.params.id)
    const read = async () => found(await deps.storage.findSessionView(caller.tenant, id), 'session', request.params.id)
    const ms = (request.query.wait ?? 0) * 1000
    const first = await read()
    if (ms === 0 || isAnswer(first)) return renderOutcome(caller.tenant, first)
    const leave = places.take(caller.tenant)
    const watch = deps.bell.watch(caller.tenant, [id, first.session.paymentId])
    try {
      const view = await lookUntil(deps, watch, { ms, gone: whenLeft(reply) }, read, isAnswer)
      await identify(request)
      return renderOutcome(caller.tenant, view)
    } finally {
      watch.leave()
      leave()
    }
  })
}

function isAnswer(view: SessionView): boolean {
  const standing = standingOf(view)
  return isSettled(standing) || standing === 'needs_review'
}

function renderOutcome(tenant: Tenant, view: SessionView): Static<typeof OutcomeShape> {
  const { session, payment, charge } = view
  const state = standingOf(view)
  return {
    id: nameOf('session', tenant, session.id),
    object: 'checkout.session.outcome',
    amount_captured: wireAmount(charge?.captured ?? 0n, session.currency),
    amount_refunded: wireAmount(charge?.refunded ?? 0n, session.currency),
    amount_total: wireAmount(session.amountTotal, session.currency),
    currency: session.currency.toLowerCase(),
    livemode: isLive(tenant),
    payment_intent: payment && nameOf('payment', tenant, payment.id),
    settled: isSettled(state),
    state,
    version: versionOf(view),
  }
}
