import { createHmac } from 'node:crypto'
import type { DoorEvents } from '../../../core/door-events.ts'
import type { EventFact, Snapshot } from '../../../core/event.ts'
import { nameOf } from '../../../core/ids.ts'
import type { Look } from '../../api/render/parts.ts'
import { paymentId, paymentIdOfSession, planId, sessionId } from './ids.ts'
import { renderCharge, renderRefund } from './render-charge.ts'
import { renderPayment } from './render-payment.ts'
import { renderSession } from './render-session.ts'

const TYPES: { readonly [type in EventFact['type']]?: string } = {
  'charge.captured': 'charge.captured',
  'charge.failed': 'charge.declined',
  'payment_intent.amount_capturable_updated': 'payment.authorized',
  'payment_intent.canceled': 'payment.canceled',
  'payment_intent.payment_failed': 'payment.requires_payment_method',
  'payment_intent.processing': 'payment.processing',
  'payment_intent.requires_action': 'payment.requires_action',
  'payment_intent.succeeded': 'payment.succeeded',
}
const ENDS = {
  canceled: 'checkout_session.cancelled',
  expired: 'checkout_session.expired',
  failed: 'checkout_session.failed',
} as const
const OTHERS = ['charge.refunded', 'checkout_session.completed', 'payment.refunded'] as const

export function hsrcEvents(look: () => Look): DoorEvents {
  return {
    types: [...Object.values(TYPES), ...Object.values(ENDS), ...OTHERS],
    typeOf: hsrcType,
    render: ({ event }) => ({
      shape: 'hsrc/json',
      body: Buffer.from(JSON.stringify(renderEvent(event, look()))),
    }),
    headers: ({ body, secrets, sentAtSeconds }) => ({
      'content-type': 'application/json',
      'x-hsrcpay-signature': hsrcSignature(body, secrets, sentAtSeconds),
    }),
  }
}

/**
 * A session is completed once it is paid: one whose money is held tells `payment.authorized`. Money that goes back is the
 * payment's when all of it does, and the charge's before.
 */
export function hsrcType({ type, snapshot }: EventFact): string | undefined {
  if (snapshot.is === 'session') {
    const { state, amountTotal } = snapshot.session
    if (type === 'checkout.session.completed') return snapshot.captured >= amountTotal ? OTHERS[1] : undefined
    return type === 'checkout.session.expired' ? (ENDS[state as keyof typeof ENDS] ?? ENDS.expired) : undefined
  }
  if (type !== 'charge.refunded') return TYPES[type]
  // A hold that was let go is told as a payment that was canceled.
  if (snapshot.is !== 'charge' || snapshot.charge.captured === 0n) return undefined
  return renderCharge(snapshot.charge, snapshot.payment).status === 'REFUNDED' ? 'payment.refunded' : 'charge.refunded'
}

/** One body for all who read it: the links by every name that the system has for them, and the object itself. */
export function renderEvent(event: EventFact, look: Look) {
  const { tenant, snapshot } = event
  const links = linksOf(snapshot)
  return {
    object: 'event' as const,
    id: nameOf('event', tenant, event.id),
    type: hsrcType(event) ?? event.type,
    paymentId: links.payment_id,
    ...links,
    request_id: event.requestId,
    trace_id: links.payment_id,
    created_at: event.createdAt.toISOString(),
    data: { object: objectOf(event, look) },
  }
}

function linksOf(snapshot: Snapshot) {
  const session = snapshot.is === 'session' ? snapshot.session : undefined
  const payment = 'payment' in snapshot ? snapshot.payment : null
  const charge = 'charge' in snapshot ? snapshot.charge : null
  const ofSession = session?.id ?? payment?.sessionId ?? null
  const tenant = session?.tenant ?? payment?.tenant
  return {
    payment_id: session ? paymentIdOfSession(session) : payment ? paymentId(payment) : null,
    charge_id: charge ? nameOf('charge', charge.tenant, charge.id) : null,
    checkout_session_id: ofSession && tenant ? sessionId({ tenant, id: ofSession }) : null,
    routing_plan_id: payment?.latestChargeId ? planId(payment) : null,
    refund_id: snapshot.is === 'refund' ? nameOf('refund', snapshot.refund.tenant, snapshot.refund.id) : null,
  }
}

function objectOf({ snapshot, type }: EventFact, look: Look): object | null {
  switch (snapshot.is) {
    case 'session':
      return renderSession({ ...snapshot, charge: null }, look)
    case 'charge':
      // What is told of a payment shows the payment.
      return hsrcObjectIsCharge(type, snapshot)
        ? renderCharge(snapshot.charge, snapshot.payment)
        : renderPayment({ payment: snapshot.payment, charge: snapshot.charge, session: null })
    case 'payment':
      return renderPayment({ payment: snapshot.payment, charge: snapshot.charge, session: null })
    case 'refund':
      return renderRefund(snapshot.refund)
    default:
      return null
  }
}

const hsrcObjectIsCharge = (type: EventFact['type'], snapshot: Extract<Snapshot, { readonly is: 'charge' }>): boolean =>
  type !== 'charge.refunded' || renderCharge(snapshot.charge, snapshot.payment).status !== 'REFUNDED'

/** While a secret is being changed, a `v1` of each: the new one's first. What is signed is the time, a dot and the body. */
export function hsrcSignature(body: Uint8Array, secrets: readonly string[], sentAtSeconds: number): string {
  const signed = secrets.map((secret) => {
    const hmac = createHmac('sha256', secret).update(`${sentAtSeconds}.`).update(body)
    return `v1=${hmac.digest('hex')}`
  })
  return [`t=${sentAtSeconds}`, ...signed].join(',')
}
