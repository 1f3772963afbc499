import { createHmac, timingSafeEqual } from 'node:crypto'
import { type Received, startReceiver } from '../receiver.ts'
import type { HsrcPayment, HsrcSession } from './client.ts'

export type HsrcEvent = Readonly<Record<string, unknown>> & {
  readonly id: string
  readonly type: string
  readonly paymentId: string
  readonly data: { readonly object: HsrcPayment | HsrcSession }
}

/** As the system's SDK verifies: the raw body, and one signature string. */
export function isSigned(body: Buffer, header: string, secret: string): boolean {
  const parts = header.split(',').map((part) => part.split('=') as [string, string?])
  const t = parts.find(([name]) => name === 't')?.[1] ?? ''
  const wanted = createHmac('sha256', secret).update(`${t}.`).update(body).digest()
  return parts.some(([name, hex = '']) => {
    const claimed = Buffer.from(hex, 'hex')
    return name === 'v1' && claimed.length === wanted.length && timingSafeEqual(claimed, wanted)
  })
}

/**
 * A shop's webhook handler as the system's pages ask for it: 401 for a bad signature, each event once by its id, and goods
 * leave the house by `payment.succeeded` alone.
 */
export async function startHsrcShop() {
  let secret = ''
  /** How many answers fail before one is given. */
  let failures = 0
  const seen = new Set<string>()
  const events: HsrcEvent[] = []
  const shipped: string[] = []
  const refused: Received[] = []
  const receiver = await startReceiver((request) => {
    if (!isSigned(request.body, String(request.headers['x-hsrcpay-signature'] ?? ''), secret)) {
      refused.push(request)
      return { status: 401 }
    }
    const event = JSON.parse(request.body.toString()) as HsrcEvent
    const isNew = !seen.has(event.id)
    seen.add(event.id)
    if (isNew) events.push(event)
    if (isNew && event.type === 'payment.succeeded') shipped.push(event.paymentId)
    if (failures > 0) {
      failures -= 1
      return { status: 503 }
    }
    return { status: 200 }
  })
  return {
    ...receiver,
    events,
    shipped,
    refused,
    setSecret(text: string) {
      secret = text
    },
    failNext(count: number) {
      failures = count
    },
  }
}
