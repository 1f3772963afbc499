import { type Answer, answerWith } from './answer.ts'
import {
  type Authentication,
  type AuthenticationDecision,
  decideAuthentication,
  type Ending,
  eciOf,
} from './authentication.ts'
import { type Authorization, renderAuthorization } from './authorization.ts'
import { bookNewDisputes, newDisputeNotices } from './book-dispute.ts'
import { type Books, cutoff, later } from './books.ts'
import { DECLINES, type Decline } from './declines.ts'
import { disputedByCard } from './dispute.ts'
import { type BankEnv, codeOf, newId, uuidOf } from './env.ts'
import { type Claim, rememberAnswer } from './idempotency.ts'
import type { JudgedCard } from './judge-card.ts'
import type { AuthorizationOrder } from './parse.ts'
import type { ThreeDSecureOrder } from './parse-three-d-secure.ts'
import { insertAuthentication, insertAuthorization, insertEntries, withFreeReference } from './write.ts'

/** Card networks let a cardholder-initiated authorization stand for about a week. */
const HOLD_MS = 7 * 24 * 60 * 60 * 1000
/** How long issuers usually leave a challenge open. */
const CHALLENGE_MS = 10 * 60 * 1000
/** The card whose challenge always returns too late. */
const SHORT_CHALLENGE_MS = 5 * 1000

/** One commit for the authorization, its entries and the stored answer. */
export async function bookAuthorization(
  books: Books,
  merchant: string,
  order: Omit<AuthorizationOrder, 'card'>,
  card: JudgedCard,
  claim: Claim | undefined,
): Promise<Answer> {
  const now = books.env.now()
  const authorization = openAuthorization(books.env, order, card, now)
  const { authentication } = authorization
  const answer = answerWith(201, renderAuthorization(authorization, books.origin))
  await withFreeReference(() =>
    books.sql.begin(async (tx) => {
      await tx`insert into merchants (merchant, opened_at) values (${merchant}, ${now}) on conflict do nothing`
      await insertAuthorization(tx, merchant, authorization)
      await Promise.all([
        authentication && insertAuthentication(tx, merchant, authorization, authentication, now),
        insertEntries(tx, merchant, authorization, authorization, holding(authorization), now),
        rememberAnswer(tx, merchant, claim, answer, now, cutoff(books)),
      ])
      await bookNewDisputes(tx, merchant, [], authorization, now)
    }),
  )
  if (authorization.status !== 'requires_action')
    books.tell([
      { merchant, type: `authorization.${authorization.status}`, authorization },
      ...newDisputeNotices(merchant, [], authorization),
    ])
  return answer
}

/** What an issuer's yes or no makes of an authorization. */
export function settled(
  authorization: Authorization,
  decline: Decline | undefined,
  capture: boolean,
  env: BankEnv,
  now: Date,
): Authorization {
  if (decline) return { ...authorization, status: 'declined', declineCode: decline.code }
  const authorizationCode = codeOf(env, 6)
  if (capture) {
    const captured = {
      ...authorization,
      status: 'captured',
      captured: authorization.amount,
      authorizationCode,
    } as const
    return disputedByCard(env, captured)
  }
  return { ...authorization, status: 'authorized', authorizationCode, expiresAt: later(now, HOLD_MS) }
}

/** The movements of an authorization that was just granted. */
export function holding({ status, amount }: Authorization): { kind: 'authorize' | 'capture'; amount: number }[] {
  if (status !== 'authorized' && status !== 'captured') return []
  return [{ kind: 'authorize', amount }, ...(status === 'captured' ? [{ kind: 'capture', amount } as const] : [])]
}

/** What the end of an authentication alone decides: without one that holds, the issuer declines. */
export function declineOf(ending: Ending, decline: Decline | undefined): Decline | undefined {
  if (ending.result === 'failed') return DECLINES.authentication_failed
  return ending.result === 'processing_error' ? DECLINES.authentication_unavailable : decline
}

function openAuthorization(
  env: BankEnv,
  order: Omit<AuthorizationOrder, 'card'>,
  card: JudgedCard,
  now: Date,
): Authorization {
  const { threeDSecure: asked } = order
  const decision = decideAuthentication(card.authentication, asked, asked?.hasBrowser === true)
  const opened: Authorization = {
    id: newId('auth', env),
    reference: order.reference,
    status: 'requires_action',
    amount: order.amount,
    captured: 0,
    released: 0,
    refunded: 0,
    refundPending: 0,
    currency: order.currency,
    declineCode: null,
    testCard: card.testCard,
    brand: card.brand,
    funding: card.funding,
    last4: card.last4,
    cvcCheck: card.cvcCheck,
    postalCheck: card.postalCheck,
    networkTransaction: codeOf(env, 15),
    authorizationCode: null,
    statementDescriptor: order.statementDescriptor ?? null,
    createdAt: now,
    expiresAt: null,
    authentication: asked ? openAuthentication(env, order.capture, asked, card, decision, now) : null,
    refundSettlesAt: null,
    disputed: 0,
    disputes: [],
  }
  switch (decision.is) {
    case 'none':
      return settled(opened, card.decline, order.capture, env, now)
    case 'required':
      return settled(opened, DECLINES.authentication_required, order.capture, env, now)
    case 'ended':
      return settled(opened, declineOf(decision.ending, card.decline), order.capture, env, now)
    case 'waits':
      return opened
  }
}

function openAuthentication(
  env: BankEnv,
  capture: boolean,
  asked: ThreeDSecureOrder,
  card: JudgedCard,
  decision: AuthenticationDecision,
  now: Date,
): Authentication | null {
  if (decision.is !== 'ended' && decision.is !== 'waits') return null
  const ending = decision.is === 'ended' ? decision.ending : undefined
  const window = card.authentication?.page === 'returns_after_expiry' ? SHORT_CHALLENGE_MS : CHALLENGE_MS
  return {
    id: newId('acs', env),
    state: decision.is === 'waits' ? decision.state : 'ended',
    request: asked.request,
    capture,
    returnUrl: asked.returnUrl,
    transactionId: uuidOf(env),
    methodDone: false,
    wrongCodes: 0,
    flow: ending?.flow ?? null,
    result: ending?.result ?? null,
    reason: ending?.reason ?? null,
    eci: ending ? eciOf(card.brand, ending.result) : null,
    expiresAt: later(now, window),
  }
}
