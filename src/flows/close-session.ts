import type { EventFact } from '../core/event.ts'
import type { Tenant, Uuid } from '../core/ids.ts'
import { step } from '../core/machine.ts'
import type { Payment } from '../core/payment.ts'
import type { Session } from '../core/session.ts'
import { type ClosedBy, SESSION_MACHINE, type SessionEvent } from '../core/session-machine.ts'
import type { SessionView } from '../storage/sessions.ts'
import { type Call, type Context, tell } from './call.ts'
import { eachTenant } from './each-tenant.ts'
import { type Answer, type Change, once } from './once.ts'
import { done, type Result, refuse } from './refusals.ts'

/** The shop closes an open session. A session that is being paid, or was, is refused. */
export function expireSession(context: Context, call: Call, id: Uuid): Promise<Result<Answer>> {
  return closeByShop(context, call, id, 'expire')
}

/** The shop calls an open session off: like `expireSession`, but to doors that know the word it is canceled. */
export function callOffSession(context: Context, call: Call, id: Uuid): Promise<Result<Answer>> {
  return closeByShop(context, call, id, 'cancel')
}

function closeByShop(context: Context, call: Call, id: Uuid, event: ClosingEvent): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const view = await context.storage.findSessionView(call.caller.tenant, id)
    if (!view) return refuse('resource_missing', 'session', id)
    const change = closing(context, view, 'merchant', event, call)
    return change ? done(change) : refuse('session_not_open', undefined, view.session.state)
  })
}

/** The shopper gives up, where the session's door lets that end it. @returns whether the session is closed by it */
export async function cancelSession(context: Context, tenant: Tenant, id: Uuid): Promise<boolean> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const view = await context.storage.findSessionView(tenant, id)
    const change = view?.session.cancelEnds ? closing(context, view, 'shopper', 'cancel') : undefined
    if (!change) return false
    if ((await context.storage.commit(change.set)).ok) return true
  }
  return false
}

/** A shop that changes its metadata at this moment does not undo the shopper's choice. */
const MAX_TRIES = 5

type ClosingEvent = Extract<SessionEvent, 'cancel' | 'expire'>

const CLOSED_PER_TENANT = 100

/** Closes sessions whose time is over, some per account in each round. @returns how many */
export async function expireDueSessions(context: Context): Promise<number> {
  const tenants = await context.storage.tenantsWithDueSessions(context.env.now())
  return eachTenant(tenants, (tenant) => expireDueOf(context, tenant))
}

async function expireDueOf(context: Context, tenant: Tenant): Promise<number> {
  const { storage, env } = context
  const due = await storage.dueSessions(tenant, env.now(), CLOSED_PER_TENANT)
  const views = await storage.readSessionViews(
    tenant,
    due.map((session) => session.id),
  )
  let closed = 0
  for (const view of views.values()) {
    const change = view.session.expiresAt <= env.now() ? closing(context, view, 'time', 'expire') : undefined
    // A session that is being paid at this moment wins the race, and ends by its payment.
    if (change && (await storage.commit(change.set)).ok) closed += 1
  }
  return closed
}

/** Only an open session can be closed; a payment that was begun and declined is given up with it. */
function closing(
  context: Context,
  view: SessionView,
  by: ClosedBy,
  event: ClosingEvent,
  call?: Call,
): Change | undefined {
  const moved = step(SESSION_MACHINE, view.session.state, event)
  if (moved.is !== 'moved') return undefined
  const session: Session = { ...view.session, version: view.session.version + 1, state: moved.to, closedBy: by }
  const payment = view.payment && givenUp(view.payment, context.env.now())
  const { canceled, expired } = eventsOf(context, { session, payment, charge: view.charge }, call)
  return {
    set: { sessions: [session], payments: payment ? [payment] : [], events: [...canceled, expired] },
    objectId: session.id,
    snapshot: expired.snapshot,
    eventId: expired.id,
  }
}

function givenUp(payment: Payment, now: Date): Payment {
  return {
    ...payment,
    version: payment.version + 1,
    state: 'canceled',
    canceledAt: now,
    cancellationReason: 'automatic',
  }
}

/** Stripe's names know no `canceled` session: to shops, both ways of closing read as expired. */
function eventsOf(
  context: Context,
  { session, payment, charge }: SessionView,
  call: Call | undefined,
): { readonly canceled: readonly EventFact[]; readonly expired: EventFact } {
  const root = payment?.id ?? session.id
  const rootVersion = payment?.version ?? session.version
  const expired = tell(
    context.env,
    session.tenant,
    'checkout.session.expired',
    { root, rootVersion, ordinal: 2 },
    { is: 'session', v: 1, session, payment, captured: 0n },
    { call },
  )
  if (!payment) return { canceled: [], expired }
  const canceled = tell(
    context.env,
    session.tenant,
    'payment_intent.canceled',
    { root, rootVersion, ordinal: 1 },
    { is: 'payment', v: 1, payment, charge },
    { call },
  )
  return { canceled: [canceled], expired }
}
