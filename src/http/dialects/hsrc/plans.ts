import { type Api, type ApiDeps, callerOf } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { Refused } from '../../errors.ts'
import { openObject } from '../../parameters/fields.ts'
import { superset } from './envelope.ts'
import { requirePayment } from './ids.ts'
import { chargesOf } from './included.ts'
import { include } from './pages.ts'
import { renderPlan } from './render-charge.ts'
import { renderPayment } from './render-payment.ts'

const Retrieve = openObject({ include_attempts: include(), include_charges: include(), include_payment: include() })

/** A plan is what its payment's charges tell: nothing is kept of it. */
export function registerPlans(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  api.get('/routing-plans/:id', { schema: { params: Named, querystring: Retrieve } }, async (request) => {
    const { id } = request.params
    const facts = await requirePayment(storage, callerOf(request), id)
    const { payment } = facts
    const charges = payment ? await chargesOf(storage, payment) : []
    if (!payment || charges.length === 0) {
      throw new Refused({ code: 'resource_missing', param: 'id', detail: id, noun: 'routing plan' })
    }
    const plan = renderPlan(payment, charges)
    return superset('routing_plan', request.query.include_payment ? { ...plan, payment: renderPayment(facts) } : plan)
  })
}
