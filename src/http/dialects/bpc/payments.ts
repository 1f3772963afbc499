import type { FastifyRequest } from 'fastify'
import { createConfirmed } from '../../../flows/confirm-payment.ts'
import { waitDelivered } from '../../../flows/endpoints/wait-delivered.ts'
import type { Answer } from '../../../flows/once.ts'
import { requestCapture } from '../../../flows/order-capture.ts'
import { cancelPayment } from '../../../flows/order-void.ts'
import { type Api, type ApiDeps, callerOf, lookOf } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { openObject, optional } from '../../parameters/fields.ts'
import { callThrough, granted } from '../door.ts'
import { requireOwn } from './ids.ts'
import { CreatePayment, parseConfirmation, parseNewPayment } from './parse-payment.ts'
import { amount } from './parse-session.ts'
import { renderPayment } from './render-payment.ts'

/**
 * The system's shops hear `payment.created` before their call is answered. One that does not take it is not waited for
 * for ever: its payment is made.
 */
const LONGEST_WAIT_MS = 2_000

const Capture = openObject({ amount: optional(amount()) })
const Nothing = openObject({})

export function registerPayments(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const one = '/payments/:id'

  const answered = ({ snapshot }: Answer) => {
    if (snapshot.is !== 'payment') throw new Error('a change of a payment was answered with something else')
    return renderPayment(snapshot, lookOf(deps))
  }
  const own = (request: FastifyRequest, id: string) => requireOwn(callerOf(request), 'payment', id, storage.findPayment)

  const create = { config: { card: 'bpc' as const }, schema: { body: CreatePayment } }
  api.post('/payments', create, async (request) => {
    const { body } = request
    const call = callThrough(request)
    const confirmation = parseConfirmation(body)
    const made = granted(await createConfirmed(deps, call, parseNewPayment(request, body), confirmation))
    const { eventId, replayed } = made
    if (eventId && !replayed) await waitDelivered(deps, call.caller.tenant, eventId, 'bpc', LONGEST_WAIT_MS)
    return answered(made)
  })

  api.get(one, { schema: { params: Named } }, async (request) => {
    const payment = await own(request, request.params.id)
    const { tenant, latestChargeId } = payment
    const charge = latestChargeId === null ? undefined : await storage.findCharge(tenant, latestChargeId)
    return renderPayment({ payment, charge: charge ?? null }, lookOf(deps))
  })

  api.post(`${one}/capture`, { schema: { params: Named, body: Capture } }, async (request) => {
    const { id } = await own(request, request.params.id)
    const minor = request.body.amount
    const captured = requestCapture(deps, callThrough(request), id, minor === undefined ? undefined : BigInt(minor))
    return answered(granted(await captured))
  })

  api.post(`${one}/cancel`, { schema: { params: Named, body: Nothing } }, async (request) => {
    const { id } = await own(request, request.params.id)
    return answered(granted(await cancelPayment(deps, callThrough(request), id)))
  })
}
