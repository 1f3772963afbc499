import type { Metadata } from '../../core/session.ts'

/**
 * The errors that HSRC Pay's sandbox can be told to give, by a setting of its own and not by a card's number, and what they
 * are in our words. The `system_network` ones stand for a provider that could not be reached: here it says so.
 */
export const EXPECTED_ERRORS: Readonly<Record<string, string>> = {
  invalid_payment_method: 'incorrect_number',
  invalid_currency: 'currency_not_supported',
  invalid_credentials: 'transaction_not_allowed',
  invalid_api_key: 'transaction_not_allowed',
  system_proxy_timeout: 'issuer_unavailable',
  system_network_other: 'issuer_unavailable',
  system_network_econnreset: 'issuer_unavailable',
  system_unknown: 'processing_error',
}

/** The error that a payment's metadata wishes for; whatever else stands there is the shop's own business. */
export function expectedError({ expectedSandboxErr: wanted }: Metadata = {}): { readonly expected_error?: string } {
  return wanted !== undefined && Object.hasOwn(EXPECTED_ERRORS, wanted) ? { expected_error: wanted } : {}
}
