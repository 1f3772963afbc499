type Members = Readonly<Record<string, unknown>>

export type HsrcPayment = Members & {
  readonly id: string
  readonly status: string
  readonly charges?: readonly (Members & { readonly id: string; readonly status: string })[]
}
export type HsrcSession = Members & {
  readonly id: string
  readonly token: string
  readonly url: string
  readonly status: string
  readonly payment_id: string
}
export type ConfirmResult = Members & {
  readonly ok: boolean
  readonly errCode?: string
  readonly latestResult: { readonly kind: string }
  readonly paymentNextAction?: { readonly action: string; readonly url: string }
}
/** Everything that an answer may hold. */
export type HsrcBody = Members & {
  readonly message: string
  readonly success: boolean
  readonly data: Members & {
    readonly id: string
    readonly status: string
    readonly secret: string
    readonly checkout_session: HsrcSession
    readonly payment: HsrcPayment
    readonly confirmResult: ConfirmResult
  }
  readonly checkout_session: HsrcSession
  readonly payment: HsrcPayment
  readonly confirmResult: ConfirmResult
  readonly error: {
    readonly code: number
    readonly message: string
    readonly details: { readonly code: string; readonly field?: string }
  }
}
export type HsrcAnswer = { readonly status: number; readonly headers: Headers; readonly json: HsrcBody }
export type AskHsrc = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<HsrcAnswer>

/** @param key undefined: a browser that has a token alone */
export function hsrcClient(url: string, key?: string): AskHsrc {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(`${url}/v1${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, json: (text === '' ? {} : JSON.parse(text)) as HsrcBody }
  }
}

/** The first snippet. */
export const SESSION = {
  amount: 12500,
  currency: 'TRY',
  url: 'https://pay.merchant.example/checkout',
  return_url: 'https://merchant.example/return',
  metadata: { order_id: 'ord_123' },
} as const

/** A card of the vendor's open sandbox bank. */
export const DATA = { name: 'Ada Lovelace', pan: '4991001823456701', month: '05', year: '28', cvv: '123' }
export const CONFIRM = {
  payment_method: { type: 'card', data: DATA },
  payer: { email: 'ada@example.com' },
  payer_identity: { ip_address: '203.0.113.7', user_agent: 'Mozilla/5.0' },
}
