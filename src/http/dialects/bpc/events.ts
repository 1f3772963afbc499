import { createHmac } from 'node:crypto'
import type { DoorEvents } from '../../../core/door-events.ts'
import type { EventFact } from '../../../core/event.ts'
import { nameOf } from '../../../core/ids.ts'
import type { Look } from '../../api/render/parts.ts'
import { renderPayment, renderRefund } from './render-payment.ts'
import { renderSession } from './render-session.ts'
import { bpcTime } from './times.ts'
import { versionOf } from './versions.ts'

const SESSION_TYPES = {
  'checkout.session.created': 'session.created',
  'checkout.session.completed': 'session.completed',
  'checkout.session.expired': 'session.expired',
} as const
/** Capturing what was held is two facts, which become two events: the money is taken, and so the payment has succeeded. */
const PAYMENT_TYPES = {
  'charge.captured': 'payment.funded',
  'payment_intent.amount_capturable_updated': 'payment.amountCapturableUpdated',
  'payment_intent.canceled': 'payment.canceled',
  'payment_intent.created': 'payment.created',
  'payment_intent.payment_failed': 'payment.failed',
  'payment_intent.succeeded': 'payment.succeeded',
} as const
/** Goes to the endpoint that somebody tests, whatever that asks for. The system has no name for it. */
const TEST_TYPE = 'webhookEndpoint.test'
const REFUND_TYPES = ['refund.created', 'refund.succeeded', 'refund.failed', 'refund.canceled'] as const
const TYPES: { readonly [type in EventFact['type']]?: string } = {
  ...SESSION_TYPES,
  ...PAYMENT_TYPES,
  'webhook_endpoint.test': TEST_TYPE,
}

export function bpcEvents(look: () => Look): DoorEvents {
  return {
    types: [...Object.values(TYPES), ...REFUND_TYPES],
    explicit: [TEST_TYPE],
    typeOf: bpcType,
    render: ({ event }, { apiVersion }) => ({
      shape: `bpc/${versionOf(apiVersion)}`,
      body: Buffer.from(JSON.stringify(renderEvent(event, look()))),
    }),
    headers: ({ body, sentAtSeconds, secrets: [secret = ''], eventId, shape }) => ({
      'content-type': 'application/json',
      'api-request-id': `req_${eventId}`,
      'x-version': shape.slice('bpc/'.length),
      'x-signature': bpcSignature(body, secret, sentAtSeconds),
    }),
    newSecret: (randomBytes) => Buffer.from(randomBytes(32)).toString('hex'),
  }
}

/** A refund is told when it is ordered and when it is over. */
function bpcType({ type, snapshot, previous }: EventFact): string | undefined {
  if (type === 'refund.created' || type === 'refund.failed') return type
  if (type !== 'refund.updated' || snapshot.is !== 'refund' || previous?.state === undefined) return TYPES[type]
  const { state } = snapshot.refund
  return state === 'succeeded' || state === 'canceled' ? `refund.${state}` : undefined
}

function renderEvent(event: EventFact, look: Look): object {
  const { tenant, id, createdAt } = event
  return {
    id: nameOf('event', tenant, id),
    created: bpcTime(createdAt).replace('Z', '+00:00'),
    type: bpcType(event),
    data: { object: objectOf(event, look) },
  }
}

function objectOf({ snapshot, type }: EventFact, look: Look): object {
  switch (snapshot.is) {
    case 'session':
      return renderSession(snapshot, look)
    case 'payment':
    case 'charge':
      return renderPayment(snapshot, look)
    case 'refund':
      return renderRefund(snapshot.refund, snapshot.payment)
    case 'endpoint':
      return { id: nameOf('endpoint', snapshot.endpoint.tenant, snapshot.endpoint.id), url: snapshot.endpoint.url }
    default:
      throw new Error(`${type} is not told at this door`)
  }
}

/**
 * `t` and `v1`, and nothing else: clients take the header apart at commas and equals signs. What is signed is the body,
 * a dot and the time, in this order. While a secret is being changed the new one alone signs, for a client reads one `v1`;
 * what an old secret refuses is sent again until the shop knows the new one.
 */
export function bpcSignature(body: Uint8Array, secret: string, sentAtSeconds: number): string {
  const hmac = createHmac('sha256', secret).update(body).update(`.${sentAtSeconds}`)
  return `t=${sentAtSeconds},v1=${hmac.digest('hex')}`
}
