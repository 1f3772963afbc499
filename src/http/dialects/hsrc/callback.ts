import { parseName } from '../../../core/ids.ts'
import { returnFromBank } from '../../../flows/challenge.ts'
import type { Api, ApiDeps } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { Refused } from '../../errors.ts'
import { envelope } from './envelope.ts'
import { withIds } from './returns.ts'

/**
 * Where issuers send browsers back in this system. Ours sends them to our own page; whoever comes here, with whatever
 * parameters, is a reason to ask the provider about the charge and no more, and goes to the shop, which asks as well.
 */
export function registerCallback(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const keyless = { config: { keyless: true as const }, schema: { params: Named } }
  for (const method of ['GET', 'POST'] as const) {
    api.route({
      ...keyless,
      method,
      url: '/three-d-secure-callback-urls/:id',
      handler: async (request, reply) => {
        const { id } = request.params as { readonly id: string }
        const name = parseName('charge', id)
        const charge = name && (await storage.findCharge(name.tenant, name.id))
        const payment = charge && (await storage.findPayment(charge.tenant, charge.paymentId))
        if (!payment) throw new Refused({ code: 'resource_missing', param: 'id', detail: id, noun: 'charge' })
        await returnFromBank(deps, { charge })
        const view = payment.sessionId ? await storage.findSessionView(payment.tenant, payment.sessionId) : undefined
        const shop = view?.session.document.successUrl
        if (!view || shop === undefined) return envelope({ object: 'charge', id })
        return reply.redirect(withIds(shop, view.session), 303)
      },
    })
  }
}
