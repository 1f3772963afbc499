import type { Signal } from './orders.ts'

export type Told = {
  /** What the signal is worth: `nothing` for all that a browser says, `proof` for what the till itself says. */
  readonly weight: 'nothing' | 'news' | 'proof'
  readonly title: string
  readonly text: string
  readonly detail?: string
}

/** Puts a signal into words for the timeline. */
export function tellSignal(signal: Signal): Told {
  switch (signal.kind) {
    case 'session_created':
      return {
        weight: 'news',
        title: 'Order placed, session created',
        text: 'Our server asked the till for a payment page and sent the browser there.',
        detail: signal.sessionId,
      }
    case 'browser_returned':
      return {
        weight: 'nothing',
        title: 'The browser returned',
        text: 'It opened our success page. This proves nothing: anybody can type that address.',
      }
    case 'browser_turned_back':
      return {
        weight: 'nothing',
        title: 'The browser turned back',
        text: 'It opened our cancel page. This proves nothing either.',
      }
    case 'event':
      return {
        weight: 'proof',
        title: `Webhook ${signal.type}`,
        text: `Its signature was verified. The session is ${signal.found}.`,
        detail: signal.eventId,
      }
    case 'read_back':
      return {
        weight: signal.found.startsWith('open') ? 'news' : 'proof',
        title: 'Session read back by our server',
        text: `We asked the till under our own key. The session is ${signal.found}.`,
      }
    case 'card_declined':
      return {
        weight: 'news',
        title: 'A card was declined',
        text: `Webhook payment_intent.payment_failed, verified. The bank’s reason: ${signal.reason}. The order stays open.`,
        detail: signal.eventId,
      }
    case 'read_failed':
      return {
        weight: 'nothing',
        title: 'The till did not answer',
        text: 'We asked for the session and got no usable answer. Silence is not a no: we shall ask again.',
      }
    case 'mismatch':
      return {
        weight: 'nothing',
        title: 'A session that is not this order’s',
        text: 'Its amount, currency or reference differs, so it counts for nothing here.',
        detail: signal.source,
      }
  }
}
