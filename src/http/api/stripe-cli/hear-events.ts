import { EXPLICIT_EVENT_TYPES } from '../../../core/event.ts'
import { nameOf } from '../../../core/ids.ts'
import type { Listener } from '../../../core/listener.ts'
import type { HeardEvent } from '../../../storage/listeners.ts'
import type { ApiDeps } from '../api.ts'
import { eventBody } from '../render/render-event.ts'
import { API_VERSION } from '../render/versions.ts'
import type { Conversation, Message } from './conversation.ts'

/** The bell rings for what is new; what is to be told again is looked for. */
const LOOK_AGAIN_MS = 1_000
const AT_ONCE = 50
/** How often a listener that hears nothing says that it is still there. */
const SEEN_EVERY_MS = 5_000

/**
 * Tells a CLI what happens, from the account's numbered events, which every process reads alike. The place moves on with
 * what was acknowledged, so whatever ends in between, an event is told at least once.
 * @returns why it ended
 */
export async function hearEvents(deps: ApiDeps, listener: Listener, talk: Conversation): Promise<string> {
  const { env, storage, bell } = deps
  const { tenant, id } = listener
  const watch = bell.watch(tenant)
  talk.ended.addEventListener('abort', watch.leave, { once: true })
  let after = listener.position
  let seenAtMs = env.monotonicMs()
  while (!talk.ended.aborted) {
    const events = await storage.readFeed(listener, { after, limit: AT_ONCE, shape: `native/${API_VERSION}` })
    const told = events.filter(({ event }) => !EXPLICIT_EVENT_TYPES.includes(event.type))
    if (!(await talk.tell(told.flatMap((heard) => messagesOf(deps, listener, heard))))) return 'not acknowledged'
    const numbers = events.map(({ number }) => number)
    const last = numbers.at(-1)
    if (last !== undefined && last > after) after = last
    if (events.length > 0 || env.monotonicMs() - seenAtMs > SEEN_EVERY_MS) {
      const still = await storage.seeListener(tenant, id, env.now(), { position: after, again: numbers })
      if (!still) return 'expired'
      seenAtMs = env.monotonicMs()
    }
    if (talk.isSilent()) return 'silent'
    if (events.length < AT_ONCE) await watch.next(LOOK_AGAIN_MS, talk.ended)
  }
  return 'gone'
}

/**
 * Each event twice: for a CLI that listens with the account's version (null), and for one that asked for the latest. It
 * drops the other one, and acknowledges both by the event's name. Both versions are one here, so the bytes are the same.
 */
function messagesOf(deps: ApiDeps, listener: Listener, { event, number, body }: HeardEvent): readonly Message[] {
  const bytes = body ?? eventBody(() => ({ publicUrl: deps.publicUrl() }))(event, null)
  const name = nameOf('event', event.tenant, event.id)
  const http_headers = {
    'Content-Type': 'application/json; charset=utf-8',
    'User-Agent': 'Opentill/1',
    'Opentill-Event-Number': number.toString(),
    ...deps.stripeCli.signer.sign(listener, name, bytes),
  }
  return [null, API_VERSION].map((api_version) => ({
    id: name,
    body: {
      type: 'webhook_event',
      endpoint: { api_version },
      event_payload: Buffer.from(bytes).toString(),
      http_headers,
      webhook_conversation_id: `wc_${name}`,
      webhook_id: nameOf('listener', listener.tenant, listener.id),
    },
  }))
}
