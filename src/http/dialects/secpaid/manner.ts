import { countHeader } from '../../edge.ts'
import { Refused } from '../../errors.ts'
import type { DoorFault, Manner } from '../door.ts'

/** How SecPaid speaks: a key in `token`, bodies of three kinds, and one envelope around everything. */
export const SECPAID: Manner = {
  door: 'secpaid',
  keyOf({ raw }) {
    if (countHeader(raw.rawHeaders, 'token') > 1) {
      throw new Refused({ code: 'request_malformed', detail: 'it has more than one token header' })
    }
    const { token } = raw.headers
    return typeof token === 'string' && token !== '' ? token : undefined
  },
  bodies: ['json', 'form', 'multipart'],
  json: { wholeFractions: true },
  names: {
    success_url: 'callback_url',
    cancel_url: 'callback_url',
    url: 'payment_endpoint',
    line_items: 'amount',
    'line_items[][price_data][unit_amount]': 'amount',
    'line_items[][price_data][product_data][name]': 'recipient_note',
  },
  spell: (fault) => ({ status: statusOf(fault), body: refusal(wordsOf(fault)) }),
}

/** Moments are written in UTC, so that is the zone that every answer names. */
const ZONE = { ServerTime: 'UTC' } as const

/** @param more what stands beside the envelope's own members */
export const answer = (message: string, data?: unknown, more: object = {}) => ({
  ResponseCode: 1,
  ResponseMsg: message,
  Result: 'True',
  ...ZONE,
  ...(data === undefined ? {} : { data }),
  ...more,
})

/** A request that was understood and refused: still status 200, as clients of this system know it. */
export const refusal = (message: string) => ({ ResponseCode: 0, ResponseMsg: message, Result: 'False', ...ZONE })

const OWN_STATUS: readonly number[] = [401, 403, 413, 415, 429]

function statusOf({ code, status }: DoorFault): number {
  if (code === 'secret_key_required') return 401
  return code === 'url_unknown' || code === 'body_invalid' || OWN_STATUS.includes(status) || status >= 500
    ? status
    : 200
}

/** Where SecPaid's own words are known, clients may look for them. */
function wordsOf({ code, status, message, param }: DoorFault): string {
  if (status === 401 || code === 'secret_key_required') return 'Incorrect token or missing token'
  if (code === 'parameter_missing' && param !== undefined) return MISSING[param] ?? message
  if (code === 'amount_too_small') return `Invalid amount: ${message}`
  return message.includes(param ?? '') ? message : `${message} (${param})`
}

const MISSING: Readonly<Record<string, string>> = {
  amount: 'Amount is required',
  link_id: 'Please enter link_id',
  pay_id: 'Please enter pay_id',
  refund_amount: 'Please enter refund_amount',
}
