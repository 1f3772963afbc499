import type { DoorFault } from '../door.ts'

/** Two classes of errors have names in this system, and what is our own fault is neither. */
type ErrorClass = 'invalidRequestError' | 'authenticationError' | 'apiError'

/** Codes whose class, status, field or sentence are other ones than at the native door. */
const OWN: { readonly [code in DoorFault['code']]?: Own } = {
  api_key_missing: { text: 'No API key was sent. Send it in the header X-Api-Key.' },
  api_key_expired: { class: 'authenticationError' },
  charge_not_refundable: {
    code: 'paymentNotRefundable',
    text: 'There is nothing to refund: the payment has not been captured. To release what is held, cancel the payment.',
  },
  charge_already_refunded: { code: 'paymentAlreadyRefunded', text: 'The payment has been refunded already.' },
  content_type_unsupported: { text: 'Send the body as application/json, in UTF-8, and say so in Content-Type.' },
  expiry_out_of_range: { text: 'Invalid expiresAt: it must be between 1 minute and 30 days from now.' },
  invalid_number: { status: 400, field: 'paymentMethod.card.number' },
  invalid_expiry: { status: 400, field: 'paymentMethod.card.expiryMonth' },
  invalid_cvc: { status: 400, field: 'paymentMethod.card.cvc' },
  payment_intent_unexpected_state: {
    code: 'paymentUnexpectedState',
    text: 'The status of the payment does not allow this. A payment that a session offers is given up by expiring the session.',
  },
  return_url_refused: { status: 412 },
  session_not_open: { text: 'Only a session whose status is open can be expired.' },
}
type Own = {
  readonly class?: ErrorClass
  readonly code?: string
  readonly status?: number
  readonly field?: string
  readonly text?: string
}

/** What flows call the fields that this door names otherwise. */
export const NAMES: Readonly<Record<string, string>> = {
  expires_at: 'expiresAt',
  failure_url: 'failureUrl',
  line_items: 'amount',
  'line_items[][price_data][currency]': 'currency',
  'line_items[][price_data][unit_amount]': 'amount',
  payment_intent: 'paymentId',
  payment_method: 'paymentMethod',
  return_url: 'returnUrl',
  success_url: 'successUrl',
}

/** Clients look for a text in `message` first; who wants to know more finds the field. */
export function spellFault({ code, status, message, param }: DoorFault): { status: number; body: object } {
  const own = OWN[code]
  const field = own?.field ?? (param === undefined ? undefined : dotted(param))
  const said = own?.text ?? (param === undefined || field === undefined ? message : message.replaceAll(param, field))
  return {
    status: own?.status ?? status,
    body: {
      type: own?.class ?? (status < 500 ? 'invalidRequestError' : 'apiError'),
      code: own?.code ?? camelCase(code),
      message: said,
      ...(field === undefined ? {} : { errors: [{ field, message: said }] }),
    },
  }
}

/** `customerDetails[address][city]` as this system's clients write it: `customerDetails.address.city`. */
const dotted = (param: string): string => param.replace(/\[([^\]]*)\]/g, (_, name: string) => `.${name}`)

const camelCase = (code: string): string => code.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
