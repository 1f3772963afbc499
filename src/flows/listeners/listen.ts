import type { Caller } from '../../core/account.ts'
import { credentialOf, isLive, nameOf, newUuid, parseName, provesCredential, splitCredential } from '../../core/ids.ts'
import type { LineFilters, Listener, ListenerFeature } from '../../core/listener.ts'
import type { Context } from '../call.ts'
import { done, type Result, refuse } from '../refusals.ts'

const PURPOSE = 'stripe cli websocket'

/** Lets a Stripe CLI listen. @returns the id by which its WebSocket finds back here: a credential */
export async function openListener(
  { env, storage }: Context,
  caller: Caller,
  input: { readonly feature: ListenerFeature; readonly device: string; readonly filters: LineFilters },
): Promise<Result<{ readonly websocketId: string }>> {
  // Whoever has the key could read the same through the API; but what runs on a laptop has no business with live money.
  if (isLive(caller.tenant)) return refuse('test_mode_only')
  const { tenant, keyId } = caller
  const listener = { tenant, id: newUuid(env), keyId, ...input, secret: env.randomBytes(16), seenAt: env.now() }
  await storage.openListener(listener)
  return done({ websocketId: credentialOf(nameOf('listener', tenant, listener.id), listener.secret, PURPOSE) })
}

/** The listener that a WebSocket id stands for, as long as it may listen. */
export async function findListener({ env, storage }: Context, websocketId: string): Promise<Listener | undefined> {
  const { name, claim } = splitCredential(websocketId) ?? {}
  const parsed = name === undefined ? undefined : parseName('listener', name)
  if (!parsed || claim === undefined) return undefined
  const listener = await storage.findListener(parsed.tenant, parsed.id, env.now())
  return listener && provesCredential(claim, listener.secret, PURPOSE) ? listener : undefined
}
