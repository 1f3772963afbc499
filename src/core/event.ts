import type { Account } from './account.ts'
import type { Customer, Price, Product } from './catalog.ts'
import type { Charge } from './charge.ts'
import type { Dispute } from './dispute.ts'
import type { Tenant, Uuid } from './ids.ts'
import type { Payment } from './payment.ts'
import type { PaymentMethod } from './payment-method.ts'
import type { ReceiptKey } from './receipt.ts'
import type { Refund } from './refund.ts'
import type { Door, Session } from './session.ts'

/**
 * The facts we tell, under Stripe's names. Two are ours: `checkout.session.created` goes to endpoints that name it, and
 * `webhook_endpoint.test` to the one endpoint that it is a test of.
 */
export const EVENT_TYPES = [
  'account.updated',
  'charge.captured',
  'charge.dispute.closed',
  'charge.dispute.created',
  'charge.dispute.funds_reinstated',
  'charge.dispute.funds_withdrawn',
  'charge.dispute.updated',
  'charge.expired',
  'charge.failed',
  'charge.pending',
  'charge.refund.updated',
  'charge.refunded',
  'charge.succeeded',
  'charge.updated',
  'checkout.session.completed',
  'checkout.session.created',
  'checkout.session.expired',
  'customer.created',
  'customer.deleted',
  'customer.updated',
  'payment_intent.amount_capturable_updated',
  'payment_intent.canceled',
  'payment_intent.created',
  'payment_intent.payment_failed',
  'payment_intent.processing',
  'payment_intent.requires_action',
  'payment_intent.succeeded',
  'payment_method.attached',
  'payment_method.detached',
  'payment_method.updated',
  'price.created',
  'price.updated',
  'product.created',
  'product.deleted',
  'product.updated',
  'refund.created',
  'refund.failed',
  'refund.updated',
  'webhook_endpoint.test',
] as const
export type EventType = (typeof EVENT_TYPES)[number]

/** Types that `*` does not include, because Stripe's clients do not expect them. */
export const EXPLICIT_EVENT_TYPES: readonly EventType[] = ['checkout.session.created', 'webhook_endpoint.test']

/** What an event is about, as it was in that commit. Internal and versioned: each door renders it in its own shape. */
export type Snapshot =
  | {
      readonly is: 'session'
      readonly v: 1
      readonly session: Session
      readonly payment: Payment | null
      readonly captured: bigint
    }
  | { readonly is: 'payment'; readonly v: 1; readonly payment: Payment; readonly charge: Charge | null }
  | { readonly is: 'charge'; readonly v: 1; readonly charge: Charge; readonly payment: Payment }
  | {
      readonly is: 'refund'
      readonly v: 1
      readonly refund: Refund
      readonly charge: Charge
      readonly payment: Payment
    }
  | { readonly is: 'dispute'; readonly v: 1; readonly dispute: Dispute }
  | { readonly is: 'customer'; readonly v: 1; readonly customer: Customer }
  | { readonly is: 'method'; readonly v: 1; readonly method: PaymentMethod }
  | { readonly is: 'product'; readonly v: 1; readonly product: Product }
  /** An account's choices in one mode. */
  | { readonly is: 'account'; readonly v: 1; readonly account: Account; readonly live: boolean }
  | { readonly is: 'price'; readonly v: 1; readonly price: Price }
  /** Kept to answer a repeated request, and what a test of the endpoint tells. */
  | { readonly is: 'endpoint'; readonly v: 1; readonly endpoint: WebhookEndpoint }
  /** Kept to answer a repeated request; no event tells these. */
  | { readonly is: 'receiptKey'; readonly v: 1; readonly receiptKey: ReceiptKey }
  | {
      readonly is: 'resend'
      readonly v: 1
      readonly tenant: Tenant
      readonly endpointId: Uuid
      readonly count: number
      readonly hasMore: boolean
    }

/** A fact, written in the commit of the change. Its gap-free number comes later, from the sequencer. */
export type EventFact = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly type: EventType
  /** The payment, or the session before there is one, or the object itself. The triple orders events of one root. */
  readonly root: Uuid
  readonly rootVersion: number
  readonly ordinal: number
  readonly snapshot: Snapshot
  /** Fields of the record that the event is about, as they were, where the change replaced some. */
  readonly previous?: Readonly<Record<string, unknown>>
  readonly requestId: string | null
  readonly idempotencyKey: string | null
  readonly createdAt: Date
}

/** Whose events got numbers just now, as the sequencer tells every process. */
export type Numbered = {
  readonly tenant: Tenant
  /** The tenant's last number now. */
  readonly last: bigint
  readonly roots: readonly Uuid[] | 'many'
}

export type EndpointStatus = 'enabled' | 'disabled'
/** `gone`: the endpoint itself answered 410. What happens meanwhile is kept for it, as it is for one that is down. */
export type DisabledReason = 'gone' | 'merchant'
export type WebhookEndpoint = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly url: string
  /**
   * Set on hidden endpoints, which are there for addresses that sessions name: its url is their origin, and of several
   * addresses of one origin in one session each takes the next place, from 1. Null and left out mean the same.
   */
  readonly named?: number | null
  readonly status: EndpointStatus
  readonly door: Door
  readonly apiVersion: string | null
  /** Event types, or `*`. */
  readonly enabledEvents: readonly string[]
  /** The signing secret, sealed: nobody but the sender opens it. */
  readonly sealedSecret: Uint8Array
  /** The secret before it, sealed; until the moment beside it both sign. */
  readonly sealedPrevious: Uint8Array | null
  readonly previousUntil: Date | null
  readonly disabledReason: DisabledReason | null
  readonly disabledAt: Date | null
  readonly deleted: boolean
  readonly createdAt: Date
  readonly document: { readonly description?: string; readonly metadata?: Readonly<Record<string, string>> }
}
