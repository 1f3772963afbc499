import { timingSafeEqual } from 'node:crypto'
import { type Authentication, decideAfterMethod } from './authentication.ts'
import type { Authorization } from './authorization.ts'
import type { Books } from './books.ts'
import type { TransactionSql } from './env.ts'
import { findAuthenticated, readAuthorization } from './read.ts'
import { endAuthentication, type Stepped, settleDue } from './settle.ts'
import { CHALLENGE_CODE, findTestCardRow } from './test-cards.ts'
import { saveAuthentication } from './write.ts'

/** What a cardholder's browser did. `attempt` is how many wrong codes the form that it sends had seen. */
export type CardholderStep =
  | { readonly is: 'code'; readonly code: string; readonly attempt: number }
  | { readonly is: 'cancel' }
  | { readonly is: 'device_checked' }
  | { readonly is: 'go_on' }

const LAST_WRONG_CODE = 3

/**
 * Takes a step of the cardholder, in one commit with what the issuer makes of it. The same form sent twice, a step that
 * comes after the end, or after the time is up, changes nothing: the state under the lock decides.
 * @returns the authorization as it is then, or undefined when there is no such authentication
 */
export async function takeStep(
  books: Books,
  authenticationId: string,
  step: CardholderStep,
): Promise<Authorization | undefined> {
  const found = await findAuthenticated(books.sql, authenticationId)
  if (!found) return undefined
  const { merchant } = found
  const { authorization, notices } = await books.sql.begin(async (tx): Promise<Stepped> => {
    const before = await readAuthorization(tx, merchant, { id: found.authorization.id, lock: true })
    if (!before) throw new Error('an authorization vanished')
    const due = await settleDue(tx, books, merchant, before)
    const { authentication } = due.authorization
    if (due.authorization.status !== 'requires_action' || !authentication) return due
    const taken = await decideStep(tx, books, merchant, due.authorization, authentication, step)
    return { authorization: taken.authorization, notices: [...due.notices, ...taken.notices] }
  })
  books.tell(notices)
  return authorization
}

/** The merchant's word that the device check is over, done or not; the bank knows which. */
export async function goOn(
  tx: TransactionSql,
  books: Books,
  merchant: string,
  before: Authorization,
  authentication: Authentication,
): Promise<Stepped> {
  const rule = findTestCardRow(before.testCard)?.authentication
  if (authentication.state !== 'method' || !rule) return { authorization: before, notices: [] }
  const decision = decideAfterMethod(rule, authentication.request)
  if (decision.is === 'ended') return endAuthentication(tx, books, merchant, before, authentication, decision.ending)
  return save(tx, books, merchant, before, { ...authentication, state: 'challenge' })
}

async function decideStep(
  tx: TransactionSql,
  books: Books,
  merchant: string,
  before: Authorization,
  authentication: Authentication,
  step: CardholderStep,
): Promise<Stepped> {
  const unchanged = { authorization: before, notices: [] }
  const end = (result: 'authenticated' | 'failed', reason: 'rejected' | 'canceled' | null) =>
    endAuthentication(tx, books, merchant, before, authentication, { result, reason, flow: 'challenge' })
  switch (step.is) {
    case 'device_checked':
      if (authentication.state !== 'method') return unchanged
      return save(tx, books, merchant, before, { ...authentication, methodDone: true })
    case 'go_on':
      return goOn(tx, books, merchant, before, authentication)
    case 'cancel':
      return end('failed', 'canceled')
    case 'code': {
      if (authentication.state !== 'challenge' || step.attempt !== authentication.wrongCodes) return unchanged
      if (isRight(step.code)) return end('authenticated', null)
      const wrongCodes = authentication.wrongCodes + 1
      const wrong = { ...authentication, wrongCodes }
      if (wrongCodes < LAST_WRONG_CODE) return save(tx, books, merchant, before, wrong)
      return endAuthentication(tx, books, merchant, before, wrong, {
        result: 'failed',
        reason: 'rejected',
        flow: 'challenge',
      })
    }
  }
}

async function save(
  tx: TransactionSql,
  books: Books,
  merchant: string,
  before: Authorization,
  authentication: Authentication,
): Promise<Stepped> {
  await saveAuthentication(tx, merchant, authentication, books.env.now())
  return { authorization: { ...before, authentication }, notices: [] }
}

/** Pasted from a message, a code may come with spaces or dashes. */
function isRight(code: string): boolean {
  const digits = Buffer.from(code.replaceAll(/[\s-]/g, ''))
  const right = Buffer.from(CHALLENGE_CODE)
  return digits.length === right.length && timingSafeEqual(digits, right)
}
