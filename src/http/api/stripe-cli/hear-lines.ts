import { isLive } from '../../../core/ids.ts'
import { type Listener, type RequestLine, showsLine } from '../../../core/listener.ts'
import type { ApiDeps } from '../api.ts'
import type { Conversation, Message } from './conversation.ts'

const POLL_MS = 250
const AT_ONCE = 200
/** How often it says that it is still there, and hears whether its key is. */
const SEEN_EVERY_MS = 5_000
/** Processes write their lines a moment after the requests, so lines appear behind later ones. */
const LATE_MS = 5_000

/** Shows a CLI the requests of the account, as they are written by whichever process served them. */
export async function hearLines(
  { env, storage }: ApiDeps,
  { tenant, id, filters, seenAt }: Listener,
  talk: Conversation,
): Promise<string> {
  let seenAtMs = env.monotonicMs()
  let shown: ReadonlySet<string> = new Set()
  let from = seenAt
  while (!talk.ended.aborted) {
    const lines = await storage.readLines(tenant, from, AT_ONCE)
    const fresh = lines.filter((line) => !shown.has(line.id))
    const told = await talk.tell(fresh.filter((line) => showsLine(filters, line)).map(messageOf))
    if (!told) return 'not acknowledged'
    shown = new Set(lines.map((line) => line.id))
    const last = lines.length === AT_ONCE ? lines.at(-1) : undefined
    from = last ? last.createdAt : laterOf(from, new Date(env.now().getTime() - LATE_MS))
    if (env.monotonicMs() - seenAtMs > SEEN_EVERY_MS) {
      const still = await storage.seeListener(tenant, id, env.now(), { position: 0n, again: [] })
      if (!still) return 'expired'
      seenAtMs = env.monotonicMs()
    }
    if (talk.isSilent()) return 'silent'
    await env.sleep(POLL_MS, talk.ended).catch(() => undefined)
  }
  // Where it comes back in a moment it goes on from here.
  await storage.seeListener(tenant, id, env.now(), { position: 0n, again: [] })
  return 'gone'
}

const laterOf = (one: Date, other: Date): Date => (one > other ? one : other)

function messageOf(line: RequestLine): Message {
  const payload = {
    created_at: Math.floor(line.createdAt.getTime() / 1000),
    livemode: isLive(line.tenant),
    method: line.method,
    request_id: line.requestId,
    status: line.status,
    url: line.path,
    ...(line.error ? { error: line.error } : {}),
  }
  return {
    id: line.requestId,
    body: {
      type: 'request_log_event',
      request_log_id: line.requestId,
      event_payload: JSON.stringify(payload),
    },
  }
}
