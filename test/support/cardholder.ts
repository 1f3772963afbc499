import assert from 'node:assert/strict'
import { authorizationBody, type TestBank } from './sandbox-bank.ts'

export const RETURN_URL = 'https://shop.example/back'
export const RIGHT_CODE = '123456'

export type Waiting = Record<string, unknown> & {
  readonly id: string
  readonly action: { readonly type: string; readonly url: string; readonly method_url?: string }
}

/** Orders with 3-D Secure; every card is asked for what it is known for unless `threeDSecure` says otherwise. */
export async function orderSecure(
  bank: TestBank,
  number: string,
  fields: Record<string, unknown> = {},
  threeDSecure: Record<string, unknown> = {},
): Promise<Record<string, unknown> & { readonly id: string }> {
  return bank.authorize({
    capture: true,
    three_d_secure: { return_url: RETURN_URL, request: 'automatic', ...threeDSecure },
    card: { number },
    ...fields,
  })
}

export async function orderChallenged(...order: Parameters<typeof orderSecure>): Promise<Waiting> {
  const authorization = await orderSecure(...order)
  assert.equal(authorization.status, 'requires_action')
  return authorization as Waiting
}

/** What a form of the issuer's page sends. @returns the page that answers */
export async function submit(url: string, fields: Record<string, string>): Promise<string> {
  const answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields) })
  assert.equal(answer.status, 200)
  return answer.text()
}

export async function present(bank: TestBank, id: string): Promise<Record<string, unknown>> {
  return (await bank.send('GET', `/v1/authorizations/${id}`)).body
}

export async function pay(bank: TestBank, number: string, amount = 1000): Promise<string> {
  const { body } = await bank.send(
    'POST',
    '/v1/authorizations',
    authorizationBody({ amount, capture: true, card: { number } }),
  )
  assert.equal(body.status, 'captured')
  return String(body.id)
}
