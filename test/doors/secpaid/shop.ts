import { createDecipheriv, createHmac, timingSafeEqual } from 'node:crypto'
import { type Answered, type Received, type Receiver, startReceiver } from '../receiver.ts'
import { rowsOf, type SecPaidTill } from './client.ts'

/** How a shop hears of payments: as the newer pages say, encrypted, or as the plugin reads it. */
export type Hearing = 'json' | 'encrypted' | 'plugin'
export type Order = { state: 'open' | 'paid' | 'canceled'; shipped: number }

export type Shop = Receiver & {
  /** By the number of their link. */
  readonly orders: Map<string, Order>
}

/**
 * A small shop: a callback page, as in the samples for Express, and a handler of notices. It ships once for each order, and
 * only on a notice or on what `getPayInTransactions` says; what a browser brings along proves nothing.
 */
export async function startShop(till: SecPaidTill, hearing: Hearing, secret: string): Promise<Shop> {
  const orders = new Map<string, Order>()
  const settle = (payId: string, paid: boolean): boolean => {
    const order = orders.get(payId)
    if (!order) return false
    if (!paid && order.state === 'open') order.state = 'canceled'
    if (paid && order.state !== 'paid') {
      order.state = 'paid'
      order.shipped += 1
    }
    return true
  }
  const isPaid = async (payId: string): Promise<boolean> => {
    const rows = rowsOf(await till.call('getPayInTransactions', { pay_id: payId }))
    return rows.some((row) => row.status === 'Success' && row.transaction_type === 'Basic')
  }
  const callback = async ({ url }: Received): Promise<Answered> => {
    const [payId, status] = ['pay_id', 'status'].map((name) => url.searchParams.get(name) ?? '')
    if (status !== 'success' && status !== 'cancel') return { status: 400, body: 'What happened?' }
    if (status === 'cancel') return found('/cart')
    return (await isPaid(payId ?? '')) && settle(payId ?? '', true)
      ? found(`/order-confirmation/${payId}`)
      : found('/not-paid')
  }
  const notice = async (request: Received): Promise<Answered> => {
    const told = readNotice(request, hearing, secret)
    // What is neither signed nor encrypted anybody may have sent.
    const proven = told && (hearing !== 'json' || !told.paid || (await isPaid(told.payId)))
    return told && proven && settle(told.payId, told.paid) ? { status: 200, body: 'OK' } : { status: 400, body: 'No' }
  }
  const receiver = await startReceiver((request) => {
    if (request.url.pathname === '/callback') return callback(request)
    if (request.url.pathname === '/notice') return notice(request)
    return { status: 200, headers: { 'content-type': 'text/html' }, body: `<title>${request.url.pathname}</title>` }
  })
  return { ...receiver, orders }
}

const found = (location: string): Answered => ({ status: 302, headers: { location } })

type Told = { readonly payId: string; readonly paid: boolean }

function readNotice({ body, headers }: Received, hearing: Hearing, secret: string): Told | undefined {
  if (hearing === 'plugin') {
    const own = createHmac('sha256', secret).update(body).digest()
    const told = Buffer.from(String(headers['x-secpaid-signature']), 'hex')
    return told.length === own.length && timingSafeEqual(told, own) ? readForm(body) : undefined
  }
  const { data } = JSON.parse(body.toString())
  if ((hearing === 'encrypted') !== (typeof data === 'string')) return undefined
  const payload = hearing === 'encrypted' ? JSON.parse(decrypt(data, secret)) : { ResponseCode: 1, data }
  if (payload.ResponseCode !== 1) return undefined
  return { payId: String(payload.data.pay_id), paid: payload.data.status === 'Success' }
}

/** The plugin reads the raw body as a form, and dies on a word that it does not know. */
function readForm(body: Buffer): Told | undefined {
  const fields = new URLSearchParams(body.toString().replaceAll('&amp;', '&'))
  const [payId, status] = [fields.get('data[pay_id]'), fields.get('data[status]')?.toLowerCase()]
  if (fields.get('ResponseCode') !== '1' || payId === null) return undefined
  return status === 'success' || status === 'cancel' ? { payId, paid: status === 'success' } : undefined
}

function decrypt(text: string, key: string): string {
  const decipher = createDecipheriv('aes-256-cbc', Buffer.from(key), Buffer.from(key.slice(0, 16)))
  return decipher.update(text, 'base64', 'utf8') + decipher.final('utf8')
}
