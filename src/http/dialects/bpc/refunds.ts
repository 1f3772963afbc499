import type { Answer } from '../../../flows/once.ts'
import { requestRefund } from '../../../flows/order-refund.ts'
import { type Api, type ApiDeps, callerOf } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { given, newMetadata } from '../../api/sessions/parse-session.ts'
import { metadata, name, openObject, optional } from '../../parameters/fields.ts'
import { callThrough, granted } from '../door.ts'
import { requireOwn } from './ids.ts'
import { amount } from './parse-session.ts'
import { renderRefund } from './render-payment.ts'

const CreateRefund = openObject({ amount: optional(amount()), metadata: optional(metadata()), paymentId: name() })

export function registerRefunds(api: Api, deps: ApiDeps): void {
  const { storage } = deps

  const answered = ({ snapshot }: Answer) => {
    if (snapshot.is !== 'refund') throw new Error('a refund was answered with something else')
    return renderRefund(snapshot.refund, snapshot.payment)
  }

  api.post('/refunds', { schema: { body: CreateRefund } }, async (request) => {
    const { body } = request
    const payment = await requireOwn(callerOf(request), 'payment', body.paymentId, storage.findPayment, 'paymentId')
    const input = given({
      paymentId: payment.id,
      amount: body.amount === undefined ? undefined : BigInt(body.amount),
      metadata: newMetadata(body.metadata),
    })
    return answered(granted(await requestRefund(deps, callThrough(request), input)))
  })

  api.get('/refunds/:id', { schema: { params: Named } }, async (request) => {
    const caller = callerOf(request)
    const refund = await requireOwn(caller, 'refund', request.params.id, storage.findRefund)
    const payment = await storage.findPayment(caller.tenant, refund.paymentId)
    if (!payment) throw new Error('a refund without a payment')
    return renderRefund(refund, payment)
  })
}
