import type { Decline } from '../../../core/charge.ts'
import { declineFacts } from '../../../core/declines.ts'
import { challengeUrl } from '../../../flows/challenge-visit.ts'
import { pageCredential } from '../../../flows/visit.ts'
import type { Look } from '../../api/render/parts.ts'
import type { PaymentFacts } from './ids.ts'

/** What a confirmation came to. `ok` does not say that anything is paid: `payment.status` does. */
export function confirmResult({ payment, charge, session }: PaymentFacts, look: Look) {
  if (!payment) return failed('system_unknown', 'soft', 'Nothing has been tried.')
  switch (payment.state) {
    case 'succeeded':
    case 'requires_capture':
      return { ok: true, latestResult: { kind: 'success' } }
    case 'requires_action': {
      const url = session ? `${look.publicUrl}/c/pay/${pageCredential(session)}` : challengeUrl(look.publicUrl, payment)
      return {
        ok: true,
        latestResult: { kind: 'requires_action' },
        paymentNextAction: { action: 'redirect_user_to_url', url },
      }
    }
    case 'processing':
      return failed('system_unknown', 'soft', 'The outcome is not known yet. Read the payment before trying again.')
    default:
      return declined(charge?.document.decline ?? { code: payment.document.lastError?.code ?? 'generic_decline' })
  }
}

export function declined(decline: Decline) {
  const { message, class: kind, retry } = declineFacts(decline.code)
  const code = errCodeOf(decline)
  return failed(
    code,
    kind === 'later' && retry !== 'none' ? 'soft' : 'hard',
    code === 'invalid_payment_method' ? NOT_A_CARD : message,
  )
}

/** A card that the sandbox does not know, in the sentence that clients may look for. */
const NOT_A_CARD = 'Invalid sandbox test card'

function failed(errCode: string, declineType: 'hard' | 'soft', message: string) {
  return { ok: false, errCode, declineType, message, latestResult: { kind: 'error', errCode, declineType, message } }
}

/** The system's own codes, where a provider or our list of declines says the same; else our word for the decline. */
export function errCodeOf({ code, raw }: Decline): string {
  if (raw !== undefined && ERR_CODES.includes(raw)) return raw
  return SAME[code] ?? code
}

const ERR_CODES: readonly string[] = [
  'invalid_payment_method',
  'invalid_currency',
  'invalid_credentials',
  'invalid_api_key',
  'system_no_provider_strategy_available_for_routing_plan',
  'system_proxy_timeout',
  'system_network_other',
  'system_network_econnreset',
  'system_unknown',
]
const SAME: Readonly<Record<string, string>> = {
  incorrect_number: 'invalid_payment_method',
  invalid_expiry: 'invalid_payment_method',
  live_card_in_test: 'invalid_payment_method',
  test_card_in_live: 'invalid_payment_method',
  currency_not_supported: 'invalid_currency',
  credentials_refused: 'invalid_credentials',
  issuer_unavailable: 'system_network_other',
  processing_error: 'system_network_other',
  try_again: 'system_network_other',
}
