import { createHmac } from 'node:crypto'
import type { DoorEvents } from '../../../core/door-events.ts'
import type { Snapshot } from '../../../core/event.ts'
import { renderSession } from './render-session.ts'

const COMPLETED = 'checkout.session.completed'

/** OpenCheckout tells one thing: that a session was paid. The body has no envelope, no type and no id of the event. */
export function openCheckoutEvents(publicUrl: () => string): DoorEvents {
  return {
    types: [COMPLETED],
    typeOf: ({ type, snapshot }) => (type === COMPLETED && isPaid(snapshot) ? COMPLETED : undefined),
    render: ({ event: { snapshot } }) => {
      if (snapshot.is !== 'session') throw new RangeError('only sessions are told of here')
      return { shape: 'opencheckout/flat', body: Buffer.from(JSON.stringify(bodyOf(snapshot, publicUrl()))) }
    },
    headers: ({ body, secrets: [secret = ''], sentAtSeconds }) => ({
      'content-type': 'application/json',
      'opencheckout-signature': `t=${sentAtSeconds},v1=${sign(secret, sentAtSeconds, body)}`,
      'user-agent': 'OpenCheckout/1.0',
    }),
    newSecret: (randomBytes) => Buffer.from(randomBytes(32)).toString('hex'),
  }
}

type SessionSnapshot = Extract<Snapshot, { readonly is: 'session' }>

const isPaid = (snapshot: Snapshot): boolean =>
  snapshot.is === 'session' && snapshot.captured >= snapshot.session.amountTotal

/**
 * Receivers that parse and stringify again compare their own bytes: these are what `JSON.stringify` writes of the parsed
 * text, for it is how they were made.
 */
function bodyOf(snapshot: SessionSnapshot, publicUrl: string) {
  const { id, status, amount_total, currency, metadata, outgoing_payment, customer_wallet } = renderSession(
    snapshot,
    publicUrl,
  )
  return { id, status, amount_total, currency, metadata, outgoing_payment, customer_wallet }
}

/** The newest secret alone: a new one ends the old one at once here, and receivers read one `v1`. */
function sign(secret: string, sentAtSeconds: number, body: Uint8Array): string {
  return createHmac('sha256', secret).update(`${sentAtSeconds}.`).update(body).digest('hex')
}
