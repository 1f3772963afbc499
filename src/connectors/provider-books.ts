import type { Tenant } from '../core/ids.ts'

/** One charge in a provider's own books: sums of everything that it booked. */
export type ProviderCharge = {
  readonly providerId: string
  /** Our name for it; null when the order to authorize is not in the books. */
  readonly reference: string | null
  readonly currency: string
  readonly authorized: bigint
  readonly captured: bigint
  readonly released: bigint
  /** Less what came back. */
  readonly refunded: bigint
  /** Taken back by issuers, less what they gave back. */
  readonly disputed: bigint
}

/**
 * Reads all that a provider has booked for a tenant, for comparison with ours: true of one moment only while no order
 * is in flight.
 * @returns why the books could not be read, as the end of a sentence, or the charges
 */
export type ReadProviderBooks = (
  tenant: Tenant,
) => Promise<
  { readonly ok: true; readonly charges: readonly ProviderCharge[] } | { readonly ok: false; readonly because: string }
>
