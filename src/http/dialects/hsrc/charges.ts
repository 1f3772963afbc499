import type { FastifyRequest } from 'fastify'
import type { Charge } from '../../../core/charge.ts'
import type { Uuid } from '../../../core/ids.ts'
import { requestCapture } from '../../../flows/order-capture.ts'
import { type Api, type ApiDeps, callerOf, found, missing, ownId } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { openObject, optional } from '../../parameters/fields.ts'
import { callThrough, granted } from '../door.ts'
import { listed, superset } from './envelope.ts'
import { List, numberedPage, Plain } from './pages.ts'
import { amount } from './parse-session.ts'
import { renderCharge } from './render-charge.ts'

const Capture = openObject({ amount: optional(amount()) })

/** On a path that the native door has too: reached by keys that are for this door. */
export function registerCharges(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const one = '/charges/:id'

  async function own(request: FastifyRequest, id: string): Promise<Charge> {
    const caller = callerOf(request)
    return found(await storage.findCharge(caller.tenant, ownId(caller, 'charge', id)), 'charge', id)
  }
  async function shown(charges: readonly Charge[]) {
    const [first] = charges
    if (!first) return []
    const ids = [...new Set<Uuid>(charges.map((charge) => charge.paymentId))]
    const payments = new Map((await storage.readPayments(first.tenant, ids)).map((payment) => [payment.id, payment]))
    return charges.map((charge) => {
      const payment = payments.get(charge.paymentId)
      if (!payment) throw new Error('a charge without a payment')
      return renderCharge(charge, payment)
    })
  }
  const shownOne = async (request: FastifyRequest, id: string) => {
    const [charge] = await shown([await own(request, id)])
    if (!charge) throw missing('charge', id)
    return superset('charge', charge)
  }

  api.get('/charges', { schema: { querystring: List } }, async (request) => {
    const { tenant } = callerOf(request)
    const page = await numberedPage(request.query, (keys) => storage.listCharges(tenant, keys, {}))
    return listed(await shown(page.items), page.hasMore, request.query)
  })

  api.get(one, { schema: { params: Named, querystring: Plain } }, async (request) =>
    shownOne(request, request.params.id),
  )

  api.post(`${one}/capture`, { schema: { params: Named, body: Capture } }, async (request) => {
    const charge = await own(request, request.params.id)
    const payment = await storage.findPayment(charge.tenant, charge.paymentId)
    // Of a payment's charges only the latest can hold money that is still owed.
    if (payment?.latestChargeId !== charge.id) throw missing('charge', request.params.id)
    const { amount: minor } = request.body
    const captured = requestCapture(
      deps,
      callThrough(request),
      payment.id,
      minor === undefined ? undefined : BigInt(minor),
    )
    granted(await captured)
    return shownOne(request, request.params.id)
  })
}
