import type { CardRef } from '../core/charge.ts'
import type { Evidence } from '../core/dispute.ts'
import type { HttpClient } from '../core/env.ts'
import type { Tenant } from '../core/ids.ts'
import type { Notice } from '../core/notice.ts'
import type { Heard, Seen } from '../core/observation.ts'
import type { Address, Metadata } from '../core/session.ts'
import type { ThreeDSecureWish } from '../core/three-d-secure.ts'

/** What a provider can do; flows ask these, never which provider it is. */
export type Capabilities = {
  /** Whether the connector may serve live accounts: a sandbox never does. */
  readonly live: boolean
  /** Authorize now and capture later. */
  readonly hold: boolean
  /**
   * How long the provider answers a repeated key with the first answer. Orders about money leave only while this is
   * more than the horizon away, so it has to be the longer of the two.
   */
  readonly idempotencyWindowMs: number
  readonly queryByReference: boolean
  /** The longest that the provider may still be working on an order that we lost sight of. */
  readonly horizonMs: number
  /** Takes a card from the vault. */
  readonly takesCards: boolean
  /** Compares the billing postcode with the issuer's, so that the page has a reason to ask for it. */
  readonly checksPostalCode: boolean
}

/** One order to charge. Everything in it is committed before the connector sees it. */
export type ChargeOrder = {
  readonly tenant: Tenant
  /** Our name for the charge at the provider; it carries the tenant. */
  readonly reference: string
  /** The idempotency key of this operation at the provider. */
  readonly key: string
  readonly amount: bigint
  readonly currency: string
  readonly captureNow: boolean
  readonly card: CardRef
  readonly billing: { readonly name?: string; readonly address?: Address }
  readonly statementDescriptor?: string
  /** What the shop keeps with the payment. */
  readonly metadata?: Metadata
  /** Left out where nobody is there to be asked: then a card that requires it is declined. */
  readonly threeDSecure?: ThreeDSecureWish
}

/** What an answer must repeat to be one about our order. Its amounts are told as they are: core compares them. */
export type OrderName = Pick<ChargeOrder, 'tenant' | 'reference' | 'currency'>

/** An order about a charge that the provider has: capture, void or refund. */
export type MoneyOrder = {
  /** The charge, as `sync` asks about it, and what the provider calls it. */
  readonly charge: OrderName & { readonly providerId: string }
  /** Our name for this order at the provider. */
  readonly reference: string
  readonly key: string
  readonly amount: bigint
}

/** Calls a refund back, by what the provider calls it. */
export type CancelOrder = {
  readonly charge: OrderName
  readonly providerId: string
  readonly key: string
}

/** An answer to a dispute, by what the provider calls it. */
export type DisputeOrder = {
  readonly charge: OrderName
  readonly providerId: string
  readonly key: string
  /** Left out where the shop has nothing to say: it accepts the dispute. */
  readonly evidence?: Evidence
}

/** How an order went, and what the charge looks like after it. What is stored follows from `seen`. */
export type OrderOutcome = Heard & { readonly sent: Exclude<Heard['sent'], 'asked'> }

/**
 * A request that carries a card. The connector says where the card goes; the vault alone fills it in, and sends the
 * request itself to a host that it allows.
 */
export type CardRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  /** JSON without the card. Nothing a shopper or a shop wrote in here can ask for a part of the card. */
  readonly body: Readonly<Record<string, unknown>>
  /** The path of keys to each part of the card; the security code is left out when there is none. */
  readonly places: CardPlaces
  readonly timeoutMs: number
}
export type CardPlaces = Readonly<Record<'number' | 'expMonth' | 'expYear' | 'cvc', readonly string[]>>

/** What somebody sent to the hook of one tenant: the bytes as they came, and the headers by their lower-case names. */
export type HookDelivery = {
  readonly tenant: Tenant
  readonly body: Uint8Array
  readonly headers: Readonly<Record<string, string>>
}

/** What a provider's notice may say to us: who it is, and which charge to ask about. */
export type HookReading =
  | { readonly ok: true; readonly notice: Pick<Notice, 'account' | 'noticeId' | 'type' | 'reference'> }
  /** For the log alone: whoever forged it learns nothing. */
  | {
      readonly ok: false
      readonly because: 'unsigned' | 'wrong_signature' | 'wrong_time' | 'unreadable' | 'misdirected'
    }

/** What a connector may use. It has no clock, no database and no settings of its own. */
export type ConnectorContext = {
  /** Fills a card into a request and sends it, exactly once. `HttpError` `not_sent` when there is no such card. */
  readonly sendCard: (card: CardRef, request: CardRequest) => ReturnType<HttpClient>
  readonly http: HttpClient
}

/**
 * Our code for a provider. At most one unrepeatable call per invocation; silence is `lost`, never a decline. Capture,
 * void and refund send once, under our key and reference, and then ask by our reference: calling them again is safe
 * while the provider honors the key.
 */
export type Connector = {
  readonly id: string
  readonly can: Capabilities
  /**
   * `absent`: the order never left or was refused unbooked, which is certain. Where the provider refuses whoever sent it, it
   * is declined: no other order would fare better.
   */
  start(order: ChargeOrder, context: ConnectorContext): Promise<Seen>
  /** Asks what became of a charge, by our reference. Only the provider's own word makes it `absent`. */
  sync(order: OrderName, context: ConnectorContext): Promise<Seen>
  /** The browser was looked at, or it took too long: the issuer decides what comes next. Asking again is safe. */
  goOn?(order: OrderName & { readonly providerId: string }, context: ConnectorContext): Promise<Seen>
  capture(order: MoneyOrder, context: ConnectorContext): Promise<OrderOutcome>
  /** Releases what is held; the amount is told for the record alone. */
  voidAuthorization(order: MoneyOrder, context: ConnectorContext): Promise<OrderOutcome>
  refund(order: MoneyOrder, context: ConnectorContext): Promise<OrderOutcome>
  /** Where the provider can: a refund that has not left yet. */
  cancelRefund?(order: CancelOrder, context: ConnectorContext): Promise<OrderOutcome>
  /** Where the provider can: says to an issuer what the shop has to say, or that it has nothing. Safe to call again. */
  answerDispute?(order: DisputeOrder, context: ConnectorContext): Promise<OrderOutcome>
  /**
   * Judges what came in at a tenant's hook. A hook is only ever a hint: it says which charge to ask about, and nothing in
   * it is a fact.
   * @param secrets any of which the provider may have signed with: several while one is being replaced
   */
  hook?(delivery: HookDelivery, secrets: readonly string[], now: Date): HookReading
}
