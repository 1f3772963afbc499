/**
 * The bank's back office, for tests and demonstrations: faults on demand, refunds nobody ordered, notices. It has a
 * token of its own, and is not there at all when the bank was given none.
 *
 *   POST   /admin/faults      a rule of the fault plan; GET lists, DELETE clears (`?merchant=`, `?id=`)
 *   GET    /admin/merchants   who ever ordered something, as they are named here
 *   POST   /admin/refunds     {merchant, authorization, amount?}: a refund made at the bank's own side
 *   POST   /admin/disputes    {merchant, authorization, amount?, reason?, inquiry?}: a cardholder complains
 *   POST   /admin/verdicts    {merchant, dispute, outcome}: the issuer decides, `won` or `lost` by the merchant
 *   POST   /admin/webhooks    {merchant, url?, secret?, …}; DELETE `?merchant=` forgets it
 *   POST   /admin/settle      {}: brings up to the present whatever only the clock decides
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { type Answer, answerWith, errorAnswer, Refusal } from './answer.ts'
import { bookOperation } from './book-operation.ts'
import type { Books } from './books.ts'
import type { FaultPlan } from './fault-plan.ts'
import { Fields } from './fields.ts'
import { moveDispute, raiseDispute } from './move-dispute.ts'
import { LARGEST_AMOUNT, MERCHANT, parseNothing, readQuery } from './parse.ts'
import { parseRule } from './parse-fault.ts'
import { readJson } from './read-body.ts'
import { settleAll } from './settle.ts'
import { forgetWebhook, parseWebhook, saveWebhook } from './webhooks.ts'

export async function serveAdmin(
  books: Books,
  plan: FaultPlan,
  token: string,
  request: IncomingMessage,
  url: URL,
): Promise<Answer> {
  if (!isBearer(request.headers.authorization, token)) throw new Refusal('unauthorized', 'Send the admin token.')
  const body = request.method === 'POST' ? await readJson(request) : undefined
  switch (`${request.method} ${url.pathname}`) {
    case 'POST /admin/faults': {
      const rule = plan.add(parseRule(body))
      return rule ? answerWith(201, rule) : errorAnswer('wrong_state', 'The plan is full; clear some rules.')
    }
    case 'GET /admin/faults':
      return answerWith(200, { rules: plan.list(parseWhich(url).merchant) })
    case 'DELETE /admin/faults':
      return answerWith(200, { cleared: plan.clear(parseWhich(url)) })
    case 'GET /admin/merchants':
      return answerWith(200, { merchants: await listMerchants(books) })
    case 'POST /admin/refunds':
      return refundAtTheBank(books, body)
    case 'POST /admin/disputes':
      return disputeAtTheBank(books, body)
    case 'POST /admin/verdicts':
      return decideAtTheBank(books, body)
    case 'POST /admin/webhooks': {
      const { secret: _kept, ...shown } = await keepWebhook(books, body)
      return answerWith(201, shown)
    }
    case 'DELETE /admin/webhooks':
      return answerWith(200, { cleared: await forgetWebhook(books.sql, parseWhich(url).merchant ?? '') })
    case 'POST /admin/settle':
      parseNothing(body)
      await settleAll(books)
      return answerWith(200, {})
    default:
      return errorAnswer('not_found', 'No such path.')
  }
}

function isBearer(header: string | undefined, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(header ?? ''), digest(`Bearer ${token}`))
}

function parseWhich(url: URL): { readonly merchant?: string; readonly id?: string } {
  const asked = new Fields(readQuery(url.searchParams), '', ['merchant', 'id'])
  const merchant = asked.optionalText('merchant', MERCHANT, 'must be a merchant id')
  const id = asked.optionalText('id', /^rule_[0-9a-f]{32}$/, 'must be the id of a rule')
  return { ...(merchant === undefined ? {} : { merchant }), ...(id === undefined ? {} : { id }) }
}

/** The newest first, for that is whom somebody at a keyboard asks for. */
async function listMerchants({ sql }: Books): Promise<readonly object[]> {
  const rows = await sql<{ merchant: string; opened_at: Date }[]>`
    select merchant, opened_at from merchants order by opened_at desc, merchant limit 1000`
  return rows.map(({ merchant, opened_at: opened }) => ({ merchant, opened: opened.toISOString() }))
}

async function refundAtTheBank(books: Books, body: unknown): Promise<Answer> {
  const fields = new Fields(body, '', ['merchant', 'authorization', 'amount'])
  const merchant = fields.text('merchant', MERCHANT, 'must be a merchant id')
  const id = fields.text('authorization', /^auth_[0-9a-f]{32}$/, 'must be the id of an authorization')
  const amount = fields.optionalInteger('amount', 1, LARGEST_AMOUNT)
  return bookOperation(books, merchant, id, 'refund', { origin: 'bank', amount }, undefined)
}

async function disputeAtTheBank(books: Books, body: unknown): Promise<Answer> {
  const fields = new Fields(body, '', ['merchant', 'authorization', 'amount', 'reason', 'inquiry'])
  return raiseDispute(books, fields.text('merchant', MERCHANT, 'must be a merchant id'), {
    authorizationId: fields.text('authorization', /^auth_[0-9a-f]{32}$/, 'must be the id of an authorization'),
    amount: fields.optionalInteger('amount', 1, LARGEST_AMOUNT),
    reason: fields.optionalText('reason', /^[a-z_]{1,64}$/, 'must be small letters and underscores') ?? 'general',
    inquiry: fields.optionalBoolean('inquiry') ?? false,
  })
}

async function decideAtTheBank(books: Books, body: unknown): Promise<Answer> {
  const fields = new Fields(body, '', ['merchant', 'dispute', 'outcome'])
  const merchant = fields.text('merchant', MERCHANT, 'must be a merchant id')
  const id = fields.text('dispute', /^(inquiry_auth|dsp)_[0-9a-f]{32}$/, 'must be the id of a dispute')
  const outcome = fields.text('outcome', /^(won|lost)$/, 'must be won or lost') as 'won' | 'lost'
  return moveDispute(books, merchant, id, { is: 'decided', for: outcome }, undefined)
}

async function keepWebhook(books: Books, body: unknown): Promise<ReturnType<typeof parseWebhook>> {
  const webhook = parseWebhook(body)
  await saveWebhook(books.sql, webhook)
  return webhook
}
