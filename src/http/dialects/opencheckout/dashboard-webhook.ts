import type { FastifyRequest } from 'fastify'
import type { Caller } from '../../../core/account.ts'
import type { WebhookEndpoint } from '../../../core/event.ts'
import type { Tenant } from '../../../core/ids.ts'
import { createEndpoint, deleteEndpoint, updateEndpoint } from '../../../flows/endpoints/change-endpoint.ts'
import { rollSecret } from '../../../flows/endpoints/roll-secret.ts'
import { type DoorDeps, granted } from '../door.ts'

const MASK = '••••••••'
const MOST = 100

/** The one address that a merchant has at this system: the account's first endpoint of this door. */
async function findWebhook(
  { storage }: Pick<DoorDeps, 'storage'>,
  tenant: Tenant,
): Promise<WebhookEndpoint | undefined> {
  const { items } = await storage.listEndpoints(tenant, { limit: MOST })
  return items.findLast(({ door }) => door === 'opencheckout')
}

export async function readWebhook(deps: Pick<DoorDeps, 'storage'>, tenant: Tenant) {
  const endpoint = await findWebhook(deps, tenant)
  return { webhook_url: endpoint?.url ?? '', webhook_secret_masked: endpoint ? MASK : '' }
}

/** An empty address takes the endpoint away; a new secret ends the old one at once, and is shown this once. */
export async function changeWebhook(
  deps: DoorDeps,
  request: FastifyRequest,
  caller: Caller,
  change: { readonly webhook_url?: string | null; readonly regenerate_secret?: boolean },
) {
  const context = { ...deps, allowLoopback: deps.allowLoopbackEndpoints ?? false, ownOrigins: [deps.publicUrl()] }
  const call = { caller, requestId: request.id, key: null }
  const before = await findWebhook(deps, caller.tenant)
  const { webhook_url: url } = change
  if (url === null) {
    if (before) granted(await deleteEndpoint(context, call, before.id))
    return { webhook_url: '', success: true }
  }
  if (!before) {
    if (url === undefined) return { webhook_url: '', success: true }
    const made = granted(await createEndpoint(context, call, { url, enabledEvents: ['*'], door: 'opencheckout' }))
    return { webhook_url: url, webhook_secret: made.secret, success: true }
  }
  if (url !== undefined && url !== before.url) granted(await updateEndpoint(context, call, before.id, { url }))
  const rolled = change.regenerate_secret ? granted(await rollSecret(context, call, before.id, 0)) : undefined
  return {
    webhook_url: url ?? before.url,
    ...(rolled?.secret === undefined ? {} : { webhook_secret: rolled.secret }),
    success: true,
  }
}
