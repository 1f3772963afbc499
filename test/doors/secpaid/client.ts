import { parseApiKey } from '../../../src/core/api-key.ts'
import type { Tenant } from '../../../src/core/ids.ts'
import { makeEnv } from '../../../src/env.ts'
import { createKey } from '../../../src/flows/open-account.ts'
import { openStorage } from '../../../src/storage/storage.ts'
import { type RunningOpentill, startTestOpentill } from '../../support/opentill.ts'

export type Fields = Readonly<Record<string, unknown>>

export type Envelope = {
  readonly ResponseCode: number
  readonly ResponseMsg: string
  readonly Result: string
  readonly ServerTime: string
  readonly data?: unknown
  readonly totalRecords?: number
}
export type Sent = { readonly status: number; readonly headers: Headers; readonly json: Envelope }

export type SecPaidTill = RunningOpentill & {
  /** A call as clients of this system make it: an object is JSON, a text or `URLSearchParams` a form. */
  call(path: string, body?: object | string | FormData, headers?: Record<string, string>): Promise<Sent>
  settings(changes: object): Promise<void>
  /** A link's answer. @throws with the message when it was refused */
  link(
    body: object | string,
  ): Promise<Readonly<Record<string, unknown>> & { readonly id: number; readonly pay_link: string }>
}

export async function startSecPaid(file: string): Promise<SecPaidTill> {
  const till = await startTestOpentill(file)
  const context = { env: makeEnv(), storage: openStorage(till.sql) }
  const tenant = parseApiKey(till.secretKey)?.tenant
  if (tenant === undefined) throw new Error('the first account has a key')
  let [calls, key] = [0, till.secretKey]
  /** The door allows each key sixty requests a minute. */
  async function freshKey(): Promise<string> {
    if (++calls % 40 === 0) key = (await createKey(context, tenant as Tenant, 'secret')).text
    return key
  }
  const call: SecPaidTill['call'] = async (path, body = {}, headers = {}) => {
    const plain = !(typeof body === 'string' || body instanceof URLSearchParams || body instanceof FormData)
    const answer = await fetch(`${till.url}/api/v2/${path}`, {
      method: 'POST',
      headers: { token: await freshKey(), ...(plain ? { 'content-type': 'application/json' } : {}), ...headers },
      body: plain ? JSON.stringify(body) : body,
    })
    return { status: answer.status, headers: answer.headers, json: (await answer.json()) as Envelope }
  }
  return {
    ...till,
    call,
    async settings(changes) {
      await till.stripe.rawRequest('POST', '/v1/account/settings', { ...changes })
    },
    async link(body) {
      const { json } = await call('createLink', body)
      if (json.ResponseCode !== 1 || !json.data) throw new Error(json.ResponseMsg)
      return json.data as unknown as { id: number; pay_link: string }
    },
  }
}

/** The object in an answer, and the rows of a list. */
export const dataOf = ({ json }: Sent): Fields => (json.data ?? {}) as Fields
export function rowsOf({ json }: Sent): readonly Fields[] {
  if (!Array.isArray(json.data)) throw new Error(`no list: ${json.ResponseMsg}`)
  return json.data
}
