import type { Static } from '@fastify/type-provider-typebox'
import type { Dispute } from '../../../core/dispute.ts'
import type { Tenant, Uuid } from '../../../core/ids.ts'
import type { Refund } from '../../../core/refund.ts'
import type { LinkMovement, MovementFilter } from '../../../storage/links.ts'
import type { SessionView } from '../../../storage/sessions.ts'
import { Refused } from '../../errors.ts'
import type { DoorDeps } from '../door.ts'
import { type Link, parseLinkNumber, userIdOf } from './ids.ts'
import { countOf, linkOf, MOST_LISTED } from './lists.ts'
import type { ListPayIns } from './parameters.ts'
import { decimalOf, momentOf, noteOf, typeOfLink } from './render-link.ts'

const DAY_MS = 86_400_000
const USUAL = 200
/** So far back does a list go by pages; what is older is found by its day. */
const MOST_PAGES = 100

/** Payments, refunds and disputes of the account's links, newest first: what a shop checks a callback against. */
export async function listPayIns(deps: DoorDeps, tenant: Tenant, asked: Static<typeof ListPayIns>) {
  const { storage } = deps
  const filter = filterOf(asked, deps.env.now())
  if (filter === 'nothing') return []
  const movements = await storage.listLinkMovements(tenant, filter)
  const ids = (kinds: readonly LinkMovement['kind'][]): readonly Uuid[] =>
    movements.filter(({ kind }) => kinds.includes(kind)).map(({ id }) => id)
  const [views, refunds, disputes] = await Promise.all([
    storage.readSessionViews(tenant, [...new Set(movements.map(({ sessionId }) => sessionId))]),
    storage.readRefunds(tenant, ids(['refund'])),
    storage.readDisputes(tenant, ids(['dispute', 'dispute_refund'])),
  ])
  return movements.flatMap(({ kind, id, sessionId }) => {
    const view = views.get(sessionId)
    const link = linkOf(view)
    const moved = view && movedBy(kind, view, byId(refunds, id), byId(disputes, id))
    return link && moved ? [renderPayIn(link, moved)] : []
  })
}

const byId = <T extends { readonly id: Uuid }>(rows: readonly T[], id: Uuid) => rows.find((row) => row.id === id)

type Moved = {
  readonly amount: bigint
  readonly at: Date
  readonly status: 'Success' | 'Pending'
  readonly type: string
  /** The row that it is seen in. */
  readonly of: { readonly id: Uuid; readonly createdAt: Date }
}

function movedBy(
  kind: LinkMovement['kind'],
  { session, charge }: SessionView,
  refund: Refund | undefined,
  dispute: Dispute | undefined,
): Moved | undefined {
  const status = 'Success'
  if (kind === 'payment') {
    if (!charge) return undefined
    return { status, amount: charge.captured, at: charge.createdAt, type: typeOfLink(session), of: charge }
  }
  if (kind === 'refund') {
    if (!refund) return undefined
    const word = refund.state === 'succeeded' ? status : 'Pending'
    return { status: word, amount: -refund.amount, at: refund.createdAt, type: 'Refund', of: refund }
  }
  if (!dispute) return undefined
  const { amount, createdAt, withdrawnAt, reinstatedAt } = dispute
  if (kind === 'dispute') return { status, amount: -amount, at: withdrawnAt ?? createdAt, type: 'Dispute', of: dispute }
  return { status, amount, at: reinstatedAt ?? createdAt, type: 'Dispute Refund', of: dispute }
}

/** Nobody takes a fee here, and when the provider pays out is the provider's to say. */
function renderPayIn(link: Link, { amount, at, status, type, of }: Moved) {
  const text = decimalOf(amount, link.currency)
  const user = userIdOf(link.tenant)
  return {
    pay_id: String(link.linkNumber),
    creator_id: user,
    user_id: user,
    transaction_id: `${dayOf(of.createdAt)}-pi-${of.id.replaceAll('-', '').slice(-10)}`,
    amount: text,
    net_amount: text,
    service_fee: '0.00',
    service_fee_psp: '0.00',
    status,
    recipient_note: noteOf(link),
    payout_status: 'Pending',
    created_at: momentOf(at),
    is_split_link: 'false',
    is_dispute: String(type === 'Dispute'),
    is_refund: String(type === 'Refund'),
    payment_method: 'card',
    transaction_type: type,
  }
}

const dayOf = (at: Date): string => at.toISOString().slice(0, 10).replaceAll('-', '')

/** `nothing` where a number is asked for that is no link's. */
function filterOf(asked: Static<typeof ListPayIns>, now: Date): MovementFilter | 'nothing' {
  const limit = countOf('limit', asked.limit, USUAL, MOST_LISTED)
  const page = countOf('page', asked.page, 1, MOST_PAGES)
  const linkNumber = asked.pay_id === undefined ? undefined : parseLinkNumber(asked.pay_id)
  if (asked.pay_id !== undefined && linkNumber === undefined) return 'nothing'
  const day = asked.date === undefined ? undefined : dayGiven(asked.date)
  const since = asked.since === undefined || asked.since === '0' ? 0 : countOf('since', asked.since, 0, 36_500)
  const from = day ?? (since > 0 ? new Date(now.getTime() - since * DAY_MS) : undefined)
  return {
    limit,
    offset: (page - 1) * limit,
    ...(linkNumber === undefined ? {} : { linkNumber }),
    ...(from === undefined ? {} : { createdFrom: from }),
    ...(day === undefined ? {} : { createdBefore: new Date(day.getTime() + DAY_MS) }),
    ...(asked.search === undefined ? {} : { search: asked.search }),
  }
}

function dayGiven(text: string): Date {
  const at = /^\d{4}-\d\d-\d\d$/.test(text) ? new Date(`${text}T00:00:00Z`) : new Date(Number.NaN)
  if (!Number.isNaN(at.getTime()) && at.toISOString().startsWith(text)) return at
  throw new Refused({ code: 'parameter_invalid_string', param: 'date', detail: 'must be a day, such as 2026-05-20' })
}
