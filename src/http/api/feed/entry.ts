import type { Static } from '@fastify/type-provider-typebox'
import type { FeedPage } from '../../../flows/read-feed.ts'
import type { Fault } from '../../errors.ts'
import type { Look } from '../render/parts.ts'
import { renderEvent } from '../render/render-event.ts'
import type { FeedShape } from '../shapes/event.ts'

type Entry = Extract<FeedPage, { is: 'page' }>['entries'][number]

export function renderEntry(entry: Entry, look: Look): Static<typeof FeedShape>['data'][number] {
  return { number: Number(entry.number), event: renderEvent(entry, look) }
}

export function feedFault(after: number | bigint, page: Exclude<FeedPage, { is: 'page' }>): Fault {
  if (page.is === 'beyond')
    return { code: 'feed_beyond_end', param: 'after', detail: `${after}; the last is ${page.last}` }
  return { code: 'feed_not_kept', param: 'after', detail: `${page.first}` }
}
