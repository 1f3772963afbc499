import type { FastifyRequest } from 'fastify'
import { nameOf, PREFIXES } from '../../../core/ids.ts'
import type { Session } from '../../../core/session.ts'
import type { Call } from '../../../flows/call.ts'
import { confirmSession, type SessionConfirmation } from '../../../flows/confirm-session.ts'
import type { Refusal, Result } from '../../../flows/refusals.ts'
import { type ApiDeps, lookOf, ownId } from '../../api/api.ts'
import { Refused } from '../../errors.ts'
import { claimFor } from '../../idempotency.ts'
import { granted } from '../door.ts'
import { confirmResult, declined } from './confirm-result.ts'
import { type ConfirmBody, collectedFrom } from './parse-payer.ts'
import { renderPayment } from './render-payment.ts'
import { factsOf, paymentOf, renderSession } from './render-session.ts'

/** Confirms a session, for a page that has its token, or for the shop's server. */
export async function confirmOne(deps: ApiDeps, request: FastifyRequest, session: Session, body: ConfirmBody) {
  const confirmation = { card: cardOf(request, body), collected: collectedFrom(body) }
  const result = await confirmSession(deps, callOf(request, session), session.id, confirmation)
  const noCard = isNoCard(result)
  const view = noCard ? await deps.storage.findSessionView(session.tenant, session.id) : granted(result)
  if (!view) throw new Error('a session was lost')
  const facts = factsOf(view)
  return {
    session: renderSession(facts, lookOf(deps)),
    payment: renderPayment(paymentOf(facts)),
    confirmResult: noCard ? NO_CARD_RESULT : confirmResult(paymentOf(facts), lookOf(deps)),
  }
}

/** What is no card at all is an outcome of the confirmation here, though nothing of it was stored. */
export const isNoCard = <T>(result: Result<T>): boolean => !result.ok && NO_CARD.includes(result.refusal.code)
const NO_CARD: readonly Refusal['code'][] = ['invalid_number', 'invalid_expiry', 'invalid_cvc']
export const NO_CARD_RESULT = declined({ code: 'incorrect_number' })

/** Whoever has a token alone brings a card; methods that are stored are the shop's to name. */
function cardOf(request: FastifyRequest, { payment_method: method }: ConfirmBody): SessionConfirmation['card'] {
  if (request.card) return request.card
  if (method?.id === undefined) throw new Refused({ code: 'parameter_missing', param: 'payment_method[data][pan]' })
  if (!request.caller) throw new Refused({ code: 'api_key_missing' })
  return { methodId: ownId(request.caller, 'method', method.id, 'payment_method[id]') }
}

const LONGEST_KEY = 200

/** A page has no key to be known by: what it claims an idempotency key for is its session. */
function callOf(request: FastifyRequest, { tenant, id }: Session): Call {
  const caller = request.caller ?? { tenant, keyId: id, kind: 'publishable', door: 'hsrc' }
  const key = request.headers['idempotency-key']
  const claim = key === undefined ? null : claimFor(request, key, request.body)
  if (claim && claim.key.length > LONGEST_KEY) {
    throw new Refused({ code: 'idempotency_key_invalid', detail: `it must be at most ${LONGEST_KEY} characters` })
  }
  const number = nameOf('session', tenant, id).slice(PREFIXES.session.length)
  // The path holds the token, which is nobody's business.
  return {
    caller,
    requestId: request.id,
    key: claim && { ...claim, key: `${number} ${claim.key}`, request: 'POST confirm' },
  }
}
