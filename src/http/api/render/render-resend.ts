import type { Static } from '@fastify/type-provider-typebox'
import type { Snapshot } from '../../../core/event.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import type { ResendShape } from '../shapes/delivery.ts'

export function renderResend(resend: Extract<Snapshot, { is: 'resend' }>): Static<typeof ResendShape> {
  const { tenant, endpointId } = resend
  return {
    object: 'webhook_resend',
    count: resend.count,
    has_more: resend.hasMore,
    livemode: isLive(tenant),
    webhook_endpoint: nameOf('endpoint', tenant, endpointId),
  }
}
