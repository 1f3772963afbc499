export type Json = Record<string, unknown>
export type Answer = { readonly status: number; readonly body: Json; readonly data: Json; readonly text: string }
export type AskOzura = (method: 'GET' | 'POST', path: string, body?: unknown, headers?: object) => Promise<Answer>

/** A client as the system's pages have it: both keys, JSON. A text is sent as it is. */
export function ozuraClient(url: string, keys: { readonly vault?: string; readonly merchant?: string }): AskOzura {
  return async (method, path, body, headers = {}) => {
    const answer = await fetch(`${url}/api/sessions${path}`, {
      method,
      headers: {
        ...(keys.vault === undefined ? {} : { 'X-API-KEY': keys.vault }),
        ...(keys.merchant === undefined ? {} : { 'X-OZURA-API-KEY': keys.merchant }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await answer.text()
    const parsed = JSON.parse(text) as Json
    return { status: answer.status, body: parsed, data: (parsed.data ?? {}) as Json, text }
  }
}

/** The sample of the system's pages. */
export const ORDER = {
  merchantId: 'ozu_abc',
  merchantName: 'Acme Store',
  amount: '25.00',
  currency: 'USD',
  successUrl: 'https://shop.example/success',
  cancelUrl: 'https://shop.example/cancel',
  errorUrl: 'https://shop.example/error',
} as const

/** What a bare read says of a session. */
export async function readSession(url: string, id: unknown): Promise<Json> {
  const { data } = await ozuraClient(url, {})('GET', `/${String(id)}`)
  return (data.session ?? {}) as Json
}
