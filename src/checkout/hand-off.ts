import type { FastifyReply, FastifyRequest } from 'fastify'
import { returnFromBank } from '../flows/challenge.ts'
import { type Challenged, findChallenged } from '../flows/challenge-visit.ts'
import { type Desk, redirect, sendNeutral } from './desk.ts'
import { inTime } from './outcome.ts'

/** While the issuer waits the shopper goes there; afterwards to the shop. */
export async function handOff(desk: Desk, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const found = await findFor(desk, request)
  if (!found) return sendNeutral(desk, request, reply, { kind: 'not_found' }, 404)
  const action = found.payment.state === 'requires_action' ? found.charge?.document.action : undefined
  if (action) {
    return sendNeutral(
      desk,
      request,
      reply,
      { kind: 'hand_off', bank: { action: action.url, fields: action.fields } },
      200,
    )
  }
  const back = desk.paymentReturns(found.payment)
  return back ? redirect(desk, reply, back) : sendNeutral(desk, request, reply, { kind: 'handed_back' }, 200)
}

/**
 * The issuer sent the shopper back: the bank is asked, nothing that came along is read. A page of ours stands between,
 * for the issuer's `form-action` would stop a redirect to the shop.
 */
export async function handBack(desk: Desk, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const found = await findFor(desk, request)
  if (!found) return sendNeutral(desk, request, reply, { kind: 'not_found' }, 404)
  await inTime(desk, returnFromBank(desk.payments, found))
  const returnUrl = desk.paymentReturns((await findFor(desk, request))?.payment ?? found.payment)
  return sendNeutral(desk, request, reply, { kind: 'handed_back', ...(returnUrl ? { returnUrl } : {}) }, 200)
}

function findFor(desk: Desk, request: FastifyRequest): Promise<Challenged | undefined> {
  const { credential } = request.params as { readonly credential: string }
  return findChallenged(desk.payments, credential)
}
