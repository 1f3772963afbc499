import type { Static } from '@fastify/type-provider-typebox'
import { isLive } from '../../../core/ids.ts'
import { keyName, type ReceiptKey } from '../../../core/receipt.ts'
import type { ReceiptKeyShape } from '../shapes/receipt.ts'
import { seconds } from './parts.ts'

export function renderReceiptKey(key: ReceiptKey): Static<typeof ReceiptKeyShape> {
  return {
    id: keyName(key.publicKey),
    object: 'receipt_key',
    created: seconds(key.createdAt),
    livemode: isLive(key.tenant),
    retired_at: key.retiredAt && seconds(key.retiredAt),
  }
}
