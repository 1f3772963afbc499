import type { Static } from '@fastify/type-provider-typebox'
import type { Caller } from '../../../core/account.ts'
import type { Uuid } from '../../../core/ids.ts'
import { requestCapture } from '../../../flows/order-capture.ts'
import { cancelPayment } from '../../../flows/order-void.ts'
import { boolean, expand, integer, later, object, oneOf, optional } from '../../parameters/fields.ts'
import { answerChange } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, ownId } from '../api.ts'
import { Named } from '../named.ts'
import { requireAmount } from '../sessions/parse-session.ts'
import { PaymentShape } from '../shapes/payment.ts'

const CapturePayment = object({
  amount_details: later(),
  amount_to_capture: optional(integer(1, 999_999_999_999)),
  application_fee_amount: later(),
  expand: expand(),
  final_capture: optional(boolean('false')),
  hooks: later(),
  metadata: later(),
  payment_details: later(),
  statement_descriptor: later(),
  statement_descriptor_suffix: later(),
  transfer_data: later(),
})
const CancelPayment = object({
  cancellation_reason: optional(oneOf(['abandoned', 'duplicate', 'fraudulent', 'requested_by_customer'])),
  expand: expand(),
})
type Wire = Static<typeof PaymentShape>

/** Takes money that is held, or gives it up. */
export function registerSettling(api: Api, deps: ApiDeps): void {
  const response = { 200: PaymentShape }
  const one = '/payment_intents/:id'

  const capture = { schema: { params: Named, body: CapturePayment, response } }
  api.post(`${one}/capture`, capture, async (request, reply) => {
    const caller = callerOf(request)
    const id = ownId(caller, 'payment', request.params.id)
    const call = callOf(request, 'payment')
    const { amount_to_capture: part } = request.body
    const amount = part === undefined ? undefined : await minorOf(deps, caller, id, part, request.params.id)
    return answerChange<Wire>(deps, request, reply, 'payment', await requestCapture(deps, call, id, amount))
  })

  const cancel = { schema: { params: Named, body: CancelPayment, response } }
  api.post(`${one}/cancel`, cancel, async (request, reply) => {
    const id = ownId(callerOf(request), 'payment', request.params.id)
    const { cancellation_reason: reason } = request.body
    const result = await cancelPayment(deps, callOf(request, 'payment'), id, reason)
    return answerChange<Wire>(deps, request, reply, 'payment', result)
  })
}

/** The wire's amount in the payment's currency. */
async function minorOf(deps: ApiDeps, { tenant }: Caller, id: Uuid, amount: number, name: string): Promise<bigint> {
  const { currency } = found(await deps.storage.findPayment(tenant, id), 'payment', name)
  return requireAmount(amount, currency, 'amount_to_capture')
}
