import { setTimeout as pause } from 'node:timers/promises'
import type { Random } from '../../sim/random.ts'

/** What Opentill has confirmed: none of it may be lost, whatever dies afterwards. */
export type Confirmed = {
  readonly sessions: Set<string>
  readonly paid: Set<string>
  /** The payment, and the amount that was captured. */
  readonly captured: Map<string, number>
  readonly canceled: Set<string>
  readonly refunds: Map<string, number>
}
export const nothingConfirmed = (): Confirmed => ({
  sessions: new Set(),
  paid: new Set(),
  captured: new Map(),
  canceled: new Set(),
  refunds: new Map(),
})

export type Wire = {
  readonly url: string
  readonly secretKey: string
  /** Ends every wait. */
  readonly signal: AbortSignal
}

type Fields = Readonly<Record<string, string>>
type Answer = { readonly status: number; readonly body: Readonly<Record<string, unknown>> }

/**
 * Approved, approved with refunds that take their time, declined and then approved. A refund that comes back after it
 * succeeded is noticed a day later: that is for the tests that own the clock from the beginning.
 */
const CARDS = [
  ['4242424242424242'],
  ['4242424242424242'],
  ['4000000000007726'],
  ['4000000000009995', '4242424242424242'],
] as const

type Order = {
  readonly manual: boolean
  readonly amount: number
  readonly cards: readonly string[]
  /** What is captured of a held amount. */
  readonly part: number
  readonly refunds: readonly number[]
  readonly ending: 'refund' | 'leave' | 'cancel'
}
/** Paid, and left at that. */
export const PLAIN: Order = {
  ...{ manual: false, amount: 2_400, cards: CARDS[0], part: 2_400 },
  ...{ refunds: [], ending: 'leave' },
}

export function drawOrder(random: Random): Order {
  const manual = random.chance(0.6)
  const amount = random.between(1_000, 9_000)
  const [cards, first, second] = [random.pick(CARDS), random.between(1, 500), random.between(1, 500)]
  const ending = random.pick(['refund', 'refund twice', 'leave', 'cancel'] as const)
  const part = random.between(600, amount)
  if (ending === 'refund twice') return { manual, amount, cards, part, refunds: [first, second], ending: 'refund' }
  return { manual, amount, cards, part, refunds: [first], ending }
}

/** One order of a shop, from the session to the refund; each call is repeated under its key while nobody answers. */
export async function oneOrder(
  wire: Wire,
  name: string,
  { manual, amount, cards, part, refunds, ending }: Order,
  confirmed: Confirmed,
): Promise<void> {
  const session = await post(wire, '/v1/checkout/sessions', `${name}-session`, {
    mode: 'payment',
    'line_items[0][quantity]': '1',
    'line_items[0][price_data][currency]': 'eur',
    'line_items[0][price_data][unit_amount]': `${amount}`,
    'line_items[0][price_data][product_data][name]': 'Tea',
    ...(manual ? { 'payment_intent_data[capture_method]': 'manual' } : {}),
    success_url: 'https://shop.example/done',
  })
  const id = textIn(session, 'id')
  const page = textIn(session, 'url')
  confirmed.sessions.add(id)
  for (const card of cards) await payOnPage(wire, page, card)
  const paid = await settled(wire, id)
  if (paid?.status !== 'complete') return
  confirmed.paid.add(id)
  const payment = String(paid.payment_intent)
  if (manual && ending === 'cancel') {
    const answer = await post(wire, `/v1/payment_intents/${payment}/cancel`, `${name}-cancel`, {})
    if (answer.status === 200 && answer.body.status === 'canceled') confirmed.canceled.add(payment)
    return
  }
  if (manual) {
    const fields = { amount_to_capture: `${part}` }
    const answer = await post(wire, `/v1/payment_intents/${payment}/capture`, `${name}-capture`, fields)
    if (answer.status !== 200 || answer.body.status !== 'succeeded') return
    confirmed.captured.set(payment, part)
  }
  if (ending === 'leave') return
  for (const refund of refunds) {
    const fields = { payment_intent: payment, amount: `${refund}` }
    const answer = await post(wire, '/v1/refunds', `${name}-refund-${refund}`, fields)
    if (answer.status === 200) confirmed.refunds.set(textIn(answer, 'id'), refund)
  }
}

/** A shopper who loses the answer looks at the page again, and pays only where it still asks to. */
async function payOnPage(wire: Wire, page: string, cardNumber: string): Promise<void> {
  const html = await (await patiently(wire, page)).text()
  const attempt = /name="attempt" value="([^"]+)"/.exec(html)?.[1]
  if (attempt === undefined) return
  const person = { email: 'jenny@example.com', billingName: 'Jenny Rosen' }
  const body = new URLSearchParams({ attempt, ...person, cardNumber, cardExpiry: '12 / 34', cardCvc: '123' })
  await fetch(`${page}/pay`, { method: 'POST', redirect: 'manual', body, signal: wire.signal }).catch(() => undefined)
  wire.signal.throwIfAborted()
}

/** Asks until the session is not being paid any more; a payment in doubt is left after a while. */
async function settled(wire: Wire, id: string): Promise<Answer['body'] | undefined> {
  for (let tries = 0; tries < 20; tries++) {
    const answer = await patiently(wire, `${wire.url}/v1/checkout/sessions/${id}`, { headers: headersOf(wire) })
    const body = (await answer.json()) as Answer['body']
    if (body.status !== 'open') return body
    await pause(100, undefined, { signal: wire.signal })
  }
  return undefined
}

async function post(wire: Wire, path: string, key: string, fields: Fields): Promise<Answer> {
  const headers = { ...headersOf(wire), 'idempotency-key': key }
  const answer = await patiently(wire, `${wire.url}${path}`, {
    method: 'POST',
    headers,
    body: new URLSearchParams(fields),
  })
  return { status: answer.status, body: (await answer.json()) as Answer['body'] }
}

const headersOf = ({ secretKey }: Wire): Fields => ({ authorization: `Bearer ${secretKey}` })

/** Repeats a call whose answer was lost; the key makes that harmless. A key whose outcome is in doubt is given up. */
async function patiently(wire: Wire, url: string, call: RequestInit = {}): Promise<Response> {
  for (let busy = 0; ; ) {
    const answer = await fetch(url, { ...call, signal: wire.signal }).catch(() => undefined)
    wire.signal.throwIfAborted()
    if (answer?.status === 409) busy += 1
    if (answer && answer.status < 500 && (answer.status !== 409 || busy > 20)) {
      const whole = await answer.arrayBuffer().catch(() => undefined)
      if (whole) return new Response(whole, { status: answer.status })
    }
    await pause(100, undefined, { signal: wire.signal })
  }
}

function textIn({ status, body }: Answer, field: string): string {
  const value = body[field]
  if (typeof value !== 'string') throw new Error(`an answer ${status} without ${field}: ${JSON.stringify(body.error)}`)
  return value
}
