import type { CardRef } from '../core/charge.ts'
import type { HttpClient } from '../core/env.ts'
import type { Tenant } from '../core/ids.ts'
import type { Address } from '../core/session.ts'

/** What a provider can do; flows ask these, never which provider it is. */
export type Capabilities = {
  /** Whether the connector may serve live accounts: a sandbox never does. */
  readonly live: boolean
  /** Authorize now and capture later. */
  readonly hold: boolean
  /** How long the provider answers a repeated key with the first answer; 0 when it has no keys. */
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
}

/** What an answer must repeat to be one about our order. Its amounts are told as they are: core compares them. */
export type OrderName = Pick<ChargeOrder, 'tenant' | 'reference' | 'currency'>

/** Evidence from a provider about one charge. Nothing else a connector says moves money states. */
export type Evidence =
  | {
      readonly is: 'authorized' | 'captured'
      readonly providerId: string
      readonly authorized: bigint
      readonly captured: bigint
      readonly refunded: bigint
      readonly checks?: { readonly cvc?: string; readonly postalCode?: string }
      readonly network?: { readonly authorizationCode?: string; readonly transactionId?: string }
    }
  | {
      readonly is: 'declined'
      readonly providerId?: string
      /** Our normalized code; an unknown one of the provider becomes `generic_decline`. */
      readonly code: string
      readonly raw?: string
      readonly networkCode?: string
    }
  | { readonly is: 'voided'; readonly providerId: string }
  /** The provider is working on it. */
  | { readonly is: 'waiting'; readonly providerId?: string }
  /** The order never left or was refused unbooked, or the provider says that it has no record of the reference. */
  | { readonly is: 'absent' }
  /** No answer that can be read: the provider may have acted. */
  | { readonly is: 'lost' }

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

/** What a connector may use. It has no clock, no database and no settings of its own. */
export type ConnectorContext = {
  /** Fills a card into a request and sends it, exactly once. `HttpError` `not_sent` when there is no such card. */
  readonly sendCard: (card: CardRef, request: CardRequest) => ReturnType<HttpClient>
  readonly http: HttpClient
}

/** Our code for a provider. At most one unrepeatable call per invocation; silence is `lost`, never a decline. */
export type Connector = {
  readonly id: string
  readonly can: Capabilities
  start(order: ChargeOrder, context: ConnectorContext): Promise<Evidence>
  /** Asks what became of an order, by our reference. Only the provider's own word makes it `absent`. */
  sync(order: OrderName, context: ConnectorContext): Promise<Evidence>
}
