import type { EventType } from './event.ts'

type Fact = {
  /** Stripe's name of the object in `data.object`. */
  readonly object: string
  readonly when: string
  /** It may say what changed, in `data.previous_attributes`. */
  readonly previous?: true
}

/** Every event that is told: what it is about and when. `docs/events.md` is written from it. */
export const EVENT_FACTS: { readonly [type in EventType]: Fact } = {
  'account.updated': { object: 'account', when: 'a setting of the account changed in this mode', previous: true },
  'charge.captured': { object: 'charge', when: 'money that was held has been taken', previous: true },
  'charge.dispute.closed': {
    object: 'dispute',
    when: 'a dispute is won, lost, or was only a question',
    previous: true,
  },
  'charge.dispute.created': { object: 'dispute', when: 'an issuer asks about a charge, or takes its money back' },
  'charge.dispute.funds_reinstated': {
    object: 'dispute',
    when: 'you won: the issuer has given the money back',
    previous: true,
  },
  'charge.dispute.funds_withdrawn': { object: 'dispute', when: 'the issuer has taken the money back', previous: true },
  'charge.dispute.updated': {
    object: 'dispute',
    when: 'a dispute’s status, evidence or metadata changed',
    previous: true,
  },
  'charge.expired': { object: 'charge', when: 'a hold ran out before it was captured' },
  'charge.failed': { object: 'charge', when: 'a try to pay was declined, or failed' },
  'charge.pending': { object: 'charge', when: 'the provider took the payment on, and will say later how it ended' },
  'charge.refund.updated': { object: 'refund', when: 'a refund changed; told beside `refund.updated`', previous: true },
  'charge.refunded': {
    object: 'charge',
    when: 'money is on its way back, whole or in part, or a hold was released',
    previous: true,
  },
  'charge.succeeded': { object: 'charge', when: 'a try to pay succeeded: the money is captured, or held' },
  'charge.updated': { object: 'charge', when: 'money came that nobody owed; it goes back', previous: true },
  'checkout.session.completed': { object: 'checkout.session', when: 'the shopper has nothing left to do' },
  'checkout.session.created': { object: 'checkout.session', when: 'a session was made' },
  'checkout.session.expired': {
    object: 'checkout.session',
    when: 'a session ended without success: its time is over, you or the shopper closed it, or no try is left',
  },
  'customer.created': { object: 'customer', when: 'a customer was made' },
  'customer.deleted': { object: 'customer', when: 'a customer was deleted; told with what was known, once more' },
  'customer.updated': { object: 'customer', when: 'a customer changed', previous: true },
  'payment_intent.amount_capturable_updated': {
    object: 'payment_intent',
    when: 'money is held, to be captured by you',
  },
  'payment_intent.canceled': { object: 'payment_intent', when: 'a payment was given up, or its hold was released' },
  'payment_intent.created': { object: 'payment_intent', when: 'a payment was made, with or without a session' },
  'payment_intent.payment_failed': { object: 'payment_intent', when: 'a try to pay was declined, or failed' },
  'payment_intent.processing': { object: 'payment_intent', when: 'told beside `charge.pending`' },
  'payment_intent.requires_action': { object: 'payment_intent', when: 'the shopper’s bank wants to see the shopper' },
  'payment_intent.succeeded': { object: 'payment_intent', when: 'the money is captured' },
  'payment_method.attached': { object: 'payment_method', when: 'a customer keeps a card', previous: true },
  'payment_method.detached': { object: 'payment_method', when: 'a customer’s card was shredded', previous: true },
  'payment_method.updated': { object: 'payment_method', when: 'billing details or metadata changed', previous: true },
  'price.created': { object: 'price', when: 'a price was made' },
  'price.updated': { object: 'price', when: 'a price changed, or lost its lookup key to another', previous: true },
  'product.created': { object: 'product', when: 'a product was made' },
  'product.deleted': { object: 'product', when: 'a product was deleted' },
  'product.updated': { object: 'product', when: 'a product changed', previous: true },
  'refund.created': { object: 'refund', when: 'a refund was ordered, or seen at the provider' },
  'refund.failed': { object: 'refund', when: 'money could not be given back' },
  'refund.updated': { object: 'refund', when: 'a refund ended, or its metadata changed', previous: true },
  'webhook_endpoint.test': { object: 'webhook_endpoint', when: 'somebody sent the endpoint a test' },
}

/** The table in `docs/events.md`. */
export function eventTable(): string {
  const rows = Object.entries(EVENT_FACTS).map(
    ([type, { object, when, previous }]) => `| \`${type}\` | \`${object}\` | ${when} | ${previous ? 'yes' : ''} |`,
  )
  return ['| Type | `data.object` | When | `previous_attributes` |', '| - | - | - | - |', ...rows].join('\n')
}
