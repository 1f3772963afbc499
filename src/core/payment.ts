import { credentialOf, nameOf, type Tenant, type Uuid } from './ids.ts'
import type { CancellationReason, PaymentState } from './payment-machine.ts'
import type { Dialect, DoorNotes, Metadata, PaymentTemplate, Shipping } from './session.ts'

export type PaymentDocument = {
  readonly description?: string
  readonly metadata?: Metadata
  readonly receiptEmail?: string
  readonly requestThreeDSecure?: PaymentTemplate['requestThreeDSecure']
  readonly confirmationMethod?: PaymentTemplate['confirmationMethod']
  readonly shipping?: Shipping
  readonly statementDescriptor?: string
  readonly statementDescriptorSuffix?: string
  readonly captureMethod: NonNullable<PaymentTemplate['captureMethod']>
  /** What an API payment will be paid with, once it is confirmed. */
  readonly methodId?: Uuid
  /** Where the shopper goes after the issuer's page, when no session shows this payment. */
  readonly returnUrl?: string
  /** The door that made it without a session, and what that door wants to say again in its own words. */
  readonly door?: Dialect
  readonly dialect?: DoorNotes
  /** The last attempt that failed: its charge and our normalized decline code. */
  readonly lastError?: { readonly chargeId: Uuid; readonly code: string }
}

/** The goal: collect one amount. Its state is derived from its charges and stored beside them for lists. */
export type Payment = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly version: number
  readonly purpose: 'pay' | 'store'
  readonly state: PaymentState
  readonly sessionId: Uuid | null
  readonly customerId: Uuid | null
  readonly amount: bigint
  readonly currency: string
  /** What live charges hold of the amount; never more than the amount. */
  readonly reserved: bigint
  readonly latestChargeId: Uuid | null
  readonly secret: Uint8Array
  readonly canceledAt: Date | null
  readonly cancellationReason: CancellationReason | null
  readonly createdAt: Date
  readonly document: PaymentDocument
}

/** The payment's credential, spelled as clients of Stripe take it apart: the name, `_secret_` and the proof. */
export function clientSecretOf({ tenant, id, secret }: Payment): string {
  const name = nameOf('payment', tenant, id)
  return `${name}_secret_${credentialOf(name, secret, 'payment').slice(name.length)}`
}
