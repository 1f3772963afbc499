import type { Door } from '../../src/core/session.ts'
import type { RunningOpentill } from '../support/opentill.ts'

type Body = Record<string, unknown>

/** One door as its clients use it: how a session of 24 EUR is made, how it is read, and how its events are understood. */
export type Spelling = {
  readonly door: Door
  /** @returns where the shop sends its shopper, and the session's name at this door */
  make(till: RunningOpentill): Promise<{ readonly name: string; readonly payUrl: string }>
  read(till: RunningOpentill, name: string): Promise<{ readonly state: string; readonly amount: string }>
  /** What it says while nobody has paid, and when somebody has. */
  readonly states: { readonly open: string; readonly paid: string }
  /** The session that an event tells to be paid, by its name at this door; undefined for all other events. Doors without events have none. */
  readonly paidIn?: (body: string) => string | undefined
}

async function ask(till: RunningOpentill, method: string, path: string, headers: Record<string, string>, body?: Body) {
  const answer = await fetch(till.url + path, {
    method,
    headers: { ...headers, ...(body ? { 'content-type': 'application/json' } : {}) },
    ...(body ? { body: JSON.stringify(body) } : {}),
  })
  if (!answer.ok) throw new Error(`${method} ${path} was answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as Body
}

const bearer = ({ secretKey }: RunningOpentill) => ({ authorization: `Bearer ${secretKey}` })
const LINE = { price_data: { currency: 'eur', product_data: { name: 'Tea' }, unit_amount: 1200 }, quantity: 2 }
const DONE = 'https://shop.example/done'
const CART = 'https://shop.example/cart'

const native: Spelling = {
  door: 'native',
  async make(till) {
    const made = await till.stripe.checkout.sessions.create({ mode: 'payment', line_items: [LINE], success_url: DONE })
    return { name: made.id, payUrl: String(made.url) }
  },
  async read(till, name) {
    const { status, amount_total } = await till.stripe.checkout.sessions.retrieve(name)
    return { state: String(status), amount: (Number(amount_total) / 100).toFixed(2) }
  },
  states: { open: 'open', paid: 'complete' },
  paidIn(body) {
    const { type, data } = JSON.parse(body) as { type: string; data: { object: { id: string } } }
    return type === 'checkout.session.completed' ? data.object.id : undefined
  },
}

const opencheckout: Spelling = {
  door: 'opencheckout',
  async make(till) {
    const made = await ask(till, 'POST', '/api/checkout/sessions', bearer(till), {
      mode: 'payment',
      line_items: [LINE],
      success_url: DONE,
      cancel_url: CART,
    })
    return { name: String(made.id), payUrl: String(made.url) }
  },
  async read(till, name) {
    const { status, amount_total } = await ask(till, 'GET', `/api/checkout/sessions/${name}`, bearer(till))
    return { state: String(status), amount: (Number(amount_total) / 100).toFixed(2) }
  },
  states: { open: 'open', paid: 'completed' },
  paidIn: (body) => String((JSON.parse(body) as Body).id),
}

const ozura: Spelling = {
  door: 'ozura',
  async make(till) {
    const keys = { 'x-api-key': till.secretKey, 'x-ozura-api-key': till.secretKey }
    const { data } = await ask(till, 'POST', '/api/sessions/create', keys, {
      merchantId: 'ozu_1',
      merchantName: 'Tea shop',
      amount: '24.00',
      currency: 'EUR',
      successUrl: DONE,
      cancelUrl: CART,
      errorUrl: 'https://shop.example/error',
    })
    const { sessionId, checkoutUrl } = data as Body
    return { name: String(sessionId), payUrl: String(checkoutUrl) }
  },
  async read(till, name) {
    const { data } = await ask(till, 'GET', `/api/sessions/${name}`, {})
    const { status, amount } = (data as { session: Body }).session
    return { state: String(status), amount: String(amount) }
  },
  states: { open: 'pending', paid: 'completed' },
}

const bpc: Spelling = {
  door: 'bpc',
  async make(till) {
    const made = await ask(till, 'POST', '/api2/sessions', bearer(till), {
      amount: 2400,
      currency: 'EUR',
      successUrl: DONE,
      failureUrl: CART,
    })
    return { name: String(made.id), payUrl: String(made.paymentUrl) }
  },
  async read(till, name) {
    const { status, amount } = await ask(till, 'GET', `/api2/sessions/${name}`, bearer(till))
    return { state: String(status), amount: (Number(amount) / 100).toFixed(2) }
  },
  states: { open: 'open', paid: 'completed' },
  paidIn(body) {
    const { type, data } = JSON.parse(body) as { type: string; data: { object: { id: string; paymentStatus: string } } }
    return type === 'session.completed' && data.object.paymentStatus === 'paid' ? data.object.id : undefined
  },
}

const hsrc: Spelling = {
  door: 'hsrc',
  async make(till) {
    const { data } = await ask(till, 'POST', '/v1/checkout-sessions', bearer(till), {
      amount: 2400,
      currency: 'EUR',
      return_url: DONE,
      cancel_url: CART,
    })
    const { id, url, token } = data as Body
    return { name: String(id), payUrl: `${url}?token=${token}` }
  },
  async read(till, name) {
    const { data } = await ask(till, 'GET', `/v1/checkout-sessions/${name}`, bearer(till))
    const { status, amount } = data as Body
    return { state: String(status), amount: (Number(amount) / 100).toFixed(2) }
  },
  states: { open: 'PENDING', paid: 'COMPLETED' },
  paidIn(body) {
    const { type, checkout_session_id } = JSON.parse(body) as Body
    return type === 'checkout_session.completed' ? String(checkout_session_id) : undefined
  },
}

const secpaid: Spelling = {
  door: 'secpaid',
  async make(till) {
    const { data } = await ask(till, 'POST', '/api/v2/createLink', token(till), { amount: 24, callback_url: DONE })
    const { id, pay_link } = data as Body
    return { name: String(id), payUrl: String(pay_link) }
  },
  async read(till, name) {
    for (const [path, state] of [
      ['getMyUnusedLinks', 'Unused'],
      ['getMyUsedLinks', 'Used'],
    ] as const) {
      const { data } = await ask(till, 'POST', `/api/v2/${path}`, token(till), { limit: 100 })
      const found = (data as Body[]).find(({ linktopay_id }) => linktopay_id === name)
      if (found) return { state, amount: String(found.amount) }
    }
    throw new Error(`no link ${name}`)
  },
  states: { open: 'Unused', paid: 'Used' },
  paidIn(body) {
    const { data } = JSON.parse(body) as { data: { pay_id: number; status: string } }
    return data.status === 'Success' ? String(data.pay_id) : undefined
  },
}

const token = ({ secretKey }: RunningOpentill) => ({ token: secretKey })

export const SPELLINGS: readonly Spelling[] = [native, opencheckout, ozura, bpc, hsrc, secpaid]
