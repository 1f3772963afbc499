/**
 * The issuer's access control server: the pages that a cardholder's browser sees during 3-D Secure. Nothing here tells
 * the merchant how it ended; the browser is sent back with the name of the transaction, and the merchant asks the bank.
 *
 *   GET  /acs/challenge/:id   the challenge, the device check as a page, or the way back
 *   POST /acs/challenge/:id   `creq`: the same, for those who send the browser by POST; `code`, `cancel`, `go_on`: a step
 *   GET  /acs/method/:id      the device check, for a hidden frame
 *   POST /acs/method/:id      it is done
 */
import type { IncomingMessage } from 'node:http'
import { type AcsView, acsPage, methodDonePage, methodPage, missingPage } from './acs-page.ts'
import type { Answer } from './answer.ts'
import { type Authorization, isDue } from './authorization.ts'
import { type CardholderStep, takeStep } from './book-authentication.ts'
import type { Books } from './books.ts'
import { Struck } from './faults.ts'
import { findAuthenticated } from './read.ts'
import { readForm } from './read-body.ts'
import { findTestCardRow } from './test-cards.ts'

const SLOW_MS = 8_000
export const ACS_PATH = /^\/acs\/(challenge|method)\/(acs_[0-9a-f]{32})$/

/** The faults of a plan strike here too. */
export type AcsVisit = {
  readonly authenticationId: string
  readonly step: 'challenge' | 'method'
  pass(merchant: string, authorization: Authorization): Promise<void>
  sleep(ms: number): Promise<void>
}

/** @throws Struck when the page is one that never loads */
export async function serveAcs(books: Books, request: IncomingMessage, visit: AcsVisit): Promise<Answer> {
  const nonce = Buffer.from(books.env.randomBytes(16)).toString('base64url')
  const found = await findAuthenticated(books.sql, visit.authenticationId)
  if (!found?.authorization.authentication) return missingPage(nonce)
  await visit.pass(found.merchant, found.authorization)
  const form = request.method === 'POST' ? await readForm(request) : undefined
  if (visit.step === 'method') return serveMethod(books, visit, found.authorization, form, nonce)

  const step = form && readStep(form)
  await actUp(books, visit, found.authorization, step)
  if (!form) return acsPage(viewOf(books, found.merchant, found.authorization), nonce)
  if (step) await takeStep(books, visit.authenticationId, step)
  // So that going back or loading again sends nothing twice.
  return { status: 303, body: '', headers: { location: `/acs/challenge/${visit.authenticationId}` } }
}

async function serveMethod(
  books: Books,
  visit: AcsVisit,
  authorization: Authorization,
  form: URLSearchParams | undefined,
  nonce: string,
): Promise<Answer> {
  const returnUrl = authorization.authentication?.returnUrl ?? ''
  if (!form) return methodPage(nonce)
  await takeStep(books, visit.authenticationId, { is: 'device_checked' })
  return methodDonePage(new URL(returnUrl).origin, nonce)
}

function readStep(form: URLSearchParams): CardholderStep | undefined {
  if (form.has('cancel')) return { is: 'cancel' }
  if (form.has('go_on')) return { is: 'go_on' }
  const attempt = form.get('attempt') ?? ''
  if (form.has('code')) return { is: 'code', code: form.get('code') ?? '', attempt: Number(attempt) }
  return undefined // A `creq`, or nothing: a visit.
}

/** What some test cards are for. */
async function actUp(
  books: Books,
  visit: AcsVisit,
  { testCard, authentication }: Authorization,
  step: CardholderStep | undefined,
): Promise<void> {
  const page = findTestCardRow(testCard)?.authentication?.page
  if (!authentication || authentication.state === 'ended') return
  if (page === 'never_loads') throw new Struck('silence')
  if (page === 'slow' && !step && authentication.wrongCodes === 0) await visit.sleep(SLOW_MS)
  if (page === 'returns_after_expiry' && step?.is === 'code')
    await visit.sleep(Math.max(0, authentication.expiresAt.getTime() - books.env.now().getTime()))
}

function viewOf(books: Books, merchant: string, authorization: Authorization): AcsView {
  const { authentication, status, testCard } = authorization
  if (!authentication) throw new Error('an authentication vanished')
  const open = status === 'requires_action' && !isDue(authorization, books.env.now())
  return {
    state: open ? authentication.state : 'ended',
    ending: authentication.result === 'authenticated' ? 'authenticated' : (authentication.reason ?? 'abandoned'),
    merchant: authorization.statementDescriptor ?? merchant,
    reference: authorization.reference,
    amount: authorization.amount,
    currency: authorization.currency,
    last4: authorization.last4,
    wrongCodes: authentication.wrongCodes,
    returnUrl: authentication.returnUrl,
    transactionId: authentication.transactionId,
    returnsTwice: findTestCardRow(testCard)?.authentication?.page === 'returns_twice',
  }
}
