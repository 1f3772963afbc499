type Members = Record<string, unknown>

/** What the objects of the system look like to its clients. */
export type BpcObject = Members & {
  readonly id: string
  readonly status: string
  readonly paymentStatus?: string
  readonly paymentUrl?: string
  readonly message?: string
  readonly errors?: readonly { readonly field: string; readonly message: string }[]
}
export type BpcAnswer = {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly json: BpcObject
}
export type AskBpc = (
  method: string,
  path: string,
  body?: unknown,
  headers?: Record<string, string>,
) => Promise<BpcAnswer>

/** A client as the system's pages show one: JSON, a key in its own header, a version. */
export function bpcClient(url: string, key: string): AskBpc {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(`${url}/api2${path}`, {
      method,
      headers: {
        'x-api-key': key,
        'x-version': '2023-10-31',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    return { status: answer.status, headers: answer.headers, text, json: JSON.parse(text) as BpcObject }
  }
}

export const SESSION = {
  amount: 10000,
  currency: 'eur',
  successUrl: 'https://shop.example/success',
  failureUrl: 'https://shop.example/failure',
} as const

export const CARD = { number: '4242424242424242', expiryMonth: 12, expiryYear: 2034, cvc: '123', holder: 'Jenny Rosen' }

/** The second snippet about payments, with a card in it. */
export const PAYMENT = {
  amount: 70000,
  captureMethod: 'automatic',
  currency: 'eur',
  customerDetails: {
    address: { city: 'Limassol', country: 'CY', line1: '1, Main street', line2: '', postalCode: '3025' },
  },
  paymentMethod: { type: 'card', card: CARD },
}
