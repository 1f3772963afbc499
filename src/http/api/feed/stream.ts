import type { ServerResponse } from 'node:http'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Env } from '../../../core/env.ts'
import { type FeedPage, readFeed } from '../../../flows/read-feed.ts'
import { Refused } from '../../errors.ts'
import { whenLeft } from '../../left.ts'
import { errorFields } from '../../log.ts'
import type { Places } from '../../places.ts'
import { type ApiDeps, callerOf, lookOf } from '../api.ts'
import { feedFault, renderEntry } from './entry.ts'

/** Read at once, and so the most that one stream keeps in memory beside what the socket holds. */
const BATCH = 20
/** A comment at least this often keeps proxies from giving up; the key is looked at as often. */
const HEARTBEAT_MS = 5_000
/** A reader that takes nothing for so long is dropped; it resumes by `Last-Event-ID`. */
const SLOW_MS = 15_000

/** What a reader that lost its connection saw last. @throws Refused when it is no number of an event */
export function lastEventId({ headers }: FastifyRequest): bigint | undefined {
  const id = headers['last-event-id']
  if (id === undefined || id === '') return undefined
  if (typeof id === 'string' && /^\d{1,15}$/.test(id)) return BigInt(id)
  throw new Refused({ code: 'parameter_invalid_integer', param: 'Last-Event-ID', detail: String(id) })
}

/**
 * The feed as server-sent events (WHATWG HTML, section 9.2): the id of each message is its number. What is wrong with the
 * request is answered before the first byte; whatever goes wrong later ends the stream, for a reader resumes anyway.
 */
export async function streamFeed(
  deps: ApiDeps,
  places: Places,
  request: FastifyRequest,
  reply: FastifyReply,
  after: bigint,
  keyHolds: () => Promise<boolean>,
): Promise<undefined> {
  const { tenant } = callerOf(request)
  const left = whenLeft(reply)
  const leave = places.take(tenant)
  const watch = deps.bell.watch(tenant)
  try {
    const first = await readFeed(deps, tenant, after, BATCH)
    if (first.is !== 'page') throw new Refused(feedFault(after, first))
    const socket = open(reply)
    await pour(first, socket).catch((error: unknown) =>
      deps.log.error({ request_id: request.id, ...errorFields(error) }, 'a feed ended early'),
    )
    end(socket)
  } finally {
    watch.leave()
    leave()
  }
  return undefined

  async function pour(from: FeedPage, socket: ServerResponse): Promise<void> {
    const ended = AbortSignal.any([left, deps.bell.stopped])
    let [page, sent, beaten] = [from, after, deps.env.monotonicMs()]
    for (;;) {
      if (page.is !== 'page') return
      for (const entry of page.entries) {
        const data = JSON.stringify(renderEntry(entry, lookOf(deps)))
        if (!(await write(deps.env, socket, `id: ${entry.number}\ndata: ${data}\n\n`, ended))) return
        sent = entry.number
      }
      if (page.entries.length === 0) await watch.next(HEARTBEAT_MS, ended)
      if (ended.aborted) return
      if (deps.env.monotonicMs() - beaten >= HEARTBEAT_MS) {
        beaten = deps.env.monotonicMs()
        if (!(await keyHolds()) || !(await write(deps.env, socket, ': still here\n\n', ended))) return
      }
      page = await readFeed(deps, tenant, sent, BATCH)
    }
  }
}

function open(reply: FastifyReply): ServerResponse {
  reply.hijack()
  reply.raw.writeHead(200, {
    ...(reply.getHeaders() as Record<string, string>),
    'content-type': 'text/event-stream; charset=utf-8',
    // A proxy that collects what it passes on would hold events back.
    'cache-control': 'no-store, no-transform',
    'x-accel-buffering': 'no',
    connection: 'close',
  })
  reply.raw.write('retry: 2000\n\n')
  return reply.raw
}

/** @returns false when the reader is gone, the server stops or nothing was taken for `SLOW_MS` */
async function write(env: Env, socket: ServerResponse, text: string, ended: AbortSignal): Promise<boolean> {
  if (ended.aborted) return false
  if (socket.write(text)) return true
  const drained = new AbortController()
  const drain = () => drained.abort()
  socket.once('drain', drain)
  await env.sleep(SLOW_MS, AbortSignal.any([drained.signal, ended])).catch(() => undefined)
  socket.off('drain', drain)
  return drained.signal.aborted
}

/** What a reader has not taken by now it will not take in time: it is cut off rather than waited for. */
function end(socket: ServerResponse): void {
  if (socket.writableNeedDrain) socket.destroy()
  else socket.end()
}
