import type { Static } from '@fastify/type-provider-typebox'
import { isLive, nameOf } from '../../../core/ids.ts'
import { RECEIPT_LIFE_SECONDS } from '../../../core/receipt.ts'
import { Refused } from '../../errors.ts'
import { claimKey } from '../../idempotency.ts'
import { object as parameters } from '../../parameters/fields.ts'
import { markReplay } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, found, lookOf, ownId } from '../api.ts'
import { Named } from '../named.ts'
import { seconds } from '../render/parts.ts'
import { renderReceiptKey } from '../render/render-receipt-key.ts'
import { renderSnapshot } from '../render/render-snapshot.ts'
import { ReceiptKeyShape, ReceiptShape } from '../shapes/receipt.ts'
import { listOf } from '../shapes/words.ts'

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
    return { object: 'list' as const, data: keys.map(renderReceiptKey), has_more: false, url: '/v1/receipt_keys' }
  })

  const roll = { schema: { body: parameters({}), response: { 200: ReceiptKeyShape } } }
  api.post('/receipt_keys', roll, async (request, reply) => {
    const rolled = await receipts.rollKey({
      caller: callerOf(request),
      requestId: request.id,
      key: claimKey(request, request.body),
    })
    if (!rolled.ok) throw new Refused(rolled.refusal)
    if (rolled.value.replayed) markReplay(reply, rolled.value)
    return renderSnapshot(rolled.value.snapshot, lookOf(deps)) as Static<typeof ReceiptKeyShape>
  })
}
