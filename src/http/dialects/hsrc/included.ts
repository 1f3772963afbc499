import type { Charge } from '../../../core/charge.ts'
import type { Payment } from '../../../core/payment.ts'
import type { Storage } from '../../../storage/storage.ts'
import type { ApiDeps } from '../../api/api.ts'
import { lookOf } from '../../api/api.ts'
import { hsrcType, renderEvent } from './events.ts'
import type { PaymentFacts } from './ids.ts'
import { include } from './pages.ts'
import { renderCharge, renderPlan } from './render-charge.ts'
import { renderCustomer } from './render-customer.ts'

/** What a call may ask for besides the payment. */
export const Included = {
  include_charges: include(),
  include_routing_plans: include(),
  include_events: include(),
  include_customer: include(),
  include_payment_provider_details: include(),
}
type Asked = { readonly [name in keyof typeof Included]?: boolean | undefined }

const MOST = 100

export async function includedOf(deps: ApiDeps, { payment, session }: PaymentFacts, asked: Asked) {
  const { storage } = deps
  const { tenant, customerId } = payment ?? session
  const wantsCharges = asked.include_charges || asked.include_routing_plans
  const charges = payment && wantsCharges ? await chargesOf(storage, payment) : []
  const customer = asked.include_customer && customerId ? await storage.findCustomer(tenant, customerId) : undefined
  const events = asked.include_events && payment ? await eventsOf(deps, payment) : []
  return {
    ...(asked.include_charges
      ? { charges: payment ? charges.map((charge) => renderCharge(charge, payment)) : [] }
      : {}),
    ...(asked.include_routing_plans
      ? { routing_plans: payment && charges.length > 0 ? [renderPlan(payment, charges)] : [] }
      : {}),
    ...(asked.include_events ? { events } : {}),
    ...(asked.include_customer ? { customer: customer ? renderCustomer(customer) : null } : {}),
  }
}

/** Oldest first. A payment has few: its session allows so many tries. */
export async function chargesOf(storage: Storage, { tenant, id }: Payment): Promise<readonly Charge[]> {
  const { items } = await storage.listCharges(tenant, { limit: MOST }, { paymentId: id })
  return items.toReversed()
}

async function eventsOf(deps: ApiDeps, { tenant, id }: Payment) {
  const told = await deps.storage.eventsOfRoot(tenant, id, MOST)
  return told.flatMap(({ event }) => (hsrcType(event) === undefined ? [] : renderEvent(event, lookOf(deps))))
}
