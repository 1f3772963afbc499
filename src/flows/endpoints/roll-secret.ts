import type { Uuid } from '../../core/ids.ts'
import { newSecretFor } from '../../events/endpoint-secret.ts'
import type { Call } from '../call.ts'
import { type Answer, once } from '../once.ts'
import { done, type Result, refuse } from '../refusals.ts'
import { type EndpointContext, endpointSnapshot } from './change-endpoint.ts'

/** A day to bring the new secret to every server. */
export const OVERLAP_SECONDS = 24 * 60 * 60
export const LONGEST_OVERLAP_SECONDS = 7 * 24 * 60 * 60

/**
 * Gives an endpoint a new secret. Until the overlap is over the one before it signs as well; of three rolled in a row the
 * first signs no more.
 * @param overlapSeconds 0: the secret was seen by others, and ends at once
 * @returns with the answer the secret, once: it is not kept for a repeated request
 */
export async function rollSecret(
  context: Omit<EndpointContext, 'allowLoopback'>,
  call: Call,
  id: Uuid,
  overlapSeconds = OVERLAP_SECONDS,
): Promise<Result<Answer & { readonly secret: string | undefined }>> {
  const { tenant } = call.caller
  let secret: string | undefined
  const rolled = await once(context, call, async () => {
    const before = await context.storage.findEndpoint(tenant, id)
    if (!before || before.deleted) return refuse('resource_missing')
    secret = newSecretFor(context.env, context.doors[before.door])
    const until = new Date(context.env.now().getTime() + overlapSeconds * 1000)
    const endpoint = {
      ...before,
      version: before.version + 1,
      sealedSecret: context.sealer.seal(tenant, secret),
      sealedPrevious: overlapSeconds > 0 ? before.sealedSecret : null,
      previousUntil: overlapSeconds > 0 ? until : null,
    }
    return done({ set: { endpoints: [endpoint] }, objectId: id, snapshot: endpointSnapshot(endpoint) })
  })
  return rolled.ok ? done({ ...rolled.value, secret: rolled.value.replayed ? undefined : secret }) : rolled
}
