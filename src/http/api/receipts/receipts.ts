import { type Static, Type } from '@fastify/type-provider-typebox'
import { isLive, nameOf } from '../../../core/ids.ts'
import { keyName, RECEIPT_LIFE_SECONDS, type ReceiptKey } from '../../../core/receipt.ts'
import { Refused } from '../../errors.ts'
import { object as parameters } from '../../parameters/fields.ts'
import { type Api, type ApiDeps, callerOf, found, ownId } from '../api.ts'
import { Named } from '../named.ts'
import { seconds } from '../render/parts.ts'
import { B, I, listOf, object, orNull, S } from '../shapes/words.ts'

const ReceiptShape = object({
  id: S,
  object: Type.Literal('checkout.session.receipt'),
  expires_at: I,
  keys_url: S,
  livemode: B,
  receipt: S,
})
const ReceiptKeyShape = object({
  id: S,
  object: Type.Literal('receipt_key'),
  created: I,
  livemode: B,
  /** Since when it signs no more. */
  retired_at: orNull(I),
})

/** Signed receipts: read one by name, see the keys, make a new one. */
export function registerReceipts(api: Api, deps: ApiDeps): void {
  const { receipts, storage, env } = deps
  const one = { schema: { params: Named, querystring: parameters({}), response: { 200: ReceiptShape } } }
  api.get('/checkout/sessions/:id/receipt', one, async (request) => {
    const { tenant } = callerOf(request)
    const id = ownId(callerOf(request), 'session', request.params.id)
    const view = found(await storage.findSessionView(tenant, id), 'session', request.params.id)
    const signedAt = env.now()
    const receipt = await receipts.receiptFor(view)
    const keysUrl = await receipts.keysUrl(tenant)
    if (receipt === undefined || keysUrl === undefined) throw new Refused({ code: 'receipt_not_asked_for' })
    return {
      id: nameOf('session', tenant, id),
      object: 'checkout.session.receipt' as const,
      expires_at: seconds(signedAt) + RECEIPT_LIFE_SECONDS,
      keys_url: keysUrl,
      livemode: isLive(tenant),
      receipt,
    }
  })

  const many = { schema: { querystring: parameters({}), response: { 200: listOf(ReceiptKeyShape) } } }
  api.get('/receipt_keys', many, async (request) => {
    const keys = await receipts.keysOf(callerOf(request).tenant)
    return { object: 'list' as const, data: keys.map(renderKey), has_more: false, url: '/v1/receipt_keys' }
  })

  const roll = { schema: { body: parameters({}), response: { 200: ReceiptKeyShape } } }
  api.post('/receipt_keys', roll, async (request) => {
    const key = await receipts.rollKey(callerOf(request).tenant)
    if (key === 'stale') throw new Refused({ code: 'stale' })
    return renderKey(key)
  })
}

function renderKey(key: ReceiptKey): Static<typeof ReceiptKeyShape> {
  return {
    id: keyName(key.publicKey),
    object: 'receipt_key',
    created: seconds(key.createdAt),
    livemode: isLive(key.tenant),
    retired_at: key.retiredAt && seconds(key.retiredAt),
  }
}
