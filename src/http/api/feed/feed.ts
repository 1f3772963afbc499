import type { Static } from '@fastify/type-provider-typebox'
import { lookUntil } from '../../../flows/bell.ts'
import { type FeedPage, readFeed } from '../../../flows/read-feed.ts'
import { Refused } from '../../errors.ts'
import { whenLeft } from '../../left.ts'
import { integer, object, optional } from '../../parameters/fields.ts'
import { Places } from '../../places.ts'
import { type Api, type ApiDeps, callerOf, type Identify, lookOf } from '../api.ts'
import type { Look } from '../render/parts.ts'
import { FeedShape } from '../shapes/event.ts'
import { feedFault, renderEntry } from './entry.ts'
import { lastEventId, streamFeed } from './stream.ts'

/** Longer than this no request waits: proxies on the way give up after 60 seconds as a rule. */
export const MOST_WAIT_SECONDS = 30
/** A feed has few readers, each of whom reads it whole. */
const PLACES = { perTenant: 20, inAll: 500 }

const ReadFeed = object({
  after: optional(integer(0, Number.MAX_SAFE_INTEGER)),
  limit: optional(integer(1, 100)),
  wait: optional(integer(0, MOST_WAIT_SECONDS)),
})

/** Every event in the order of its number, for those who read rather than be called. Nothing is ever left out. */
export function registerFeed(api: Api, deps: ApiDeps, identify: Identify): void {
  const places = new Places(PLACES)
  const route = { exposeHeadRoute: false, schema: { querystring: ReadFeed, response: { 200: FeedShape } } }
  api.get('/feed', route, async (request, reply) => {
    const { tenant } = callerOf(request)
    const { limit = 100, wait = 0, after = 0 } = request.query
    if (request.headers.accept?.includes('text/event-stream')) {
      for (const param of ['limit', 'wait'] as const) {
        if (request.query[param] === undefined) continue
        throw new Refused({ code: 'parameters_exclusive', param, detail: `${param}, Accept: text/event-stream` })
      }
      return streamFeed(deps, places, request, reply, lastEventId(request) ?? BigInt(after), () =>
        keyHolds(identify(request)),
      )
    }
    const read = () => readFeed(deps, tenant, BigInt(after), limit)
    if (wait === 0) return renderFeed(after, await read(), lookOf(deps))
    const leave = places.take(tenant)
    const watch = deps.bell.watch(tenant)
    try {
      const patience = { ms: wait * 1000, gone: whenLeft(reply) }
      const page = await lookUntil(deps, watch, patience, read, (seen) => seen.is !== 'page' || seen.entries.length > 0)
      await identify(request)
      return renderFeed(after, page, lookOf(deps))
    } finally {
      watch.leave()
      leave()
    }
  })
}

const keyHolds = (identified: ReturnType<Identify>): Promise<boolean> =>
  identified.then(
    () => true,
    (error: unknown) => !(error instanceof Refused),
  )

function renderFeed(after: number, page: FeedPage, look: Look): Static<typeof FeedShape> {
  if (page.is !== 'page') throw new Refused(feedFault(after, page))
  const data = page.entries.map((entry) => renderEntry(entry, look))
  const next = data.at(-1)?.number ?? after
  return {
    object: 'feed',
    data,
    has_more: BigInt(next) < page.last,
    last_number: Number(page.last),
    next_after: next,
    url: '/v1/feed',
  }
}
