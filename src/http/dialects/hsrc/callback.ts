import { parseName } from '../../../core/ids.ts'
import { returnFromBank } from '../../../flows/challenge.ts'
import type { Api, ApiDeps } from '../../api/api.ts'
import { Named } from '../../api/named.ts'
import { Refused } from '../../errors.ts'
import { isClosedFor } from './closed.ts'
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
        const account = payment && (await storage.findAccount(payment.tenant))
        if (!payment || !account || isClosedFor(account, payment.tenant))
          throw new Refused({ code: 'resource_missing', param: 'id', detail: id, noun: 'charge' })
        await returnFromBank(deps, { charge })
        const view = payment.sessionId ? await storage.findSessionView(payment.tenant, payment.sessionId) : undefined
        // Another door's success URL is no page for whoever may not have paid.
        const shop = view?.session.door === 'hsrc' ? view.session.document.successUrl : undefined
        if (!view || shop === undefined) return envelope({ object: 'charge', id })
        return reply.redirect(withIds(shop, view.session), 303)
      },
    })
  }
}
