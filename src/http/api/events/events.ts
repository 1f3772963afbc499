import { EVENT_TYPES } from '../../../core/event.ts'
import { Refused } from '../../errors.ts'
import { boolean, created, list, object, optional, page, text } from '../../parameters/fields.ts'
import { type Api, type ApiDeps, callerOf, found, lookOf, ownId } from '../api.ts'
import { expandAll } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { renderEvent } from '../render/render-event.ts'
import { EventShape } from '../shapes/event.ts'
import { listOf } from '../shapes/words.ts'

const ListEvents = object({
  ...page,
  created: created(),
  delivery_success: optional(boolean()),
  type: optional(text(80)),
  types: optional(list(text(80), 20)),
})

export function registerEvents(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const one = { schema: { params: Named, querystring: Retrieve, response: { 200: EventShape } } }
  api.get('/events/:id', one, async (request) => {
    const { tenant } = callerOf(request)
    const told = await storage.findEvent(tenant, ownId(callerOf(request), 'event', request.params.id))
    const event = renderEvent(found(told, 'event', request.params.id), lookOf(deps))
    await expandAll(deps, tenant, 'event', [event], request.query.expand)
    return event
  })

  const many = { schema: { querystring: ListEvents, response: { 200: listOf(EventShape) } } }
  api.get('/events', many, async (request) => {
    const { tenant } = callerOf(request)
    const { query } = request
    if (query.type !== undefined && query.types !== undefined) {
      throw new Refused({ code: 'parameters_exclusive', param: 'types', detail: 'type, types' })
    }
    const page = await pageOf(request, query, 'event', (id) => storage.findEvent(tenant, id))
    const types = query.types ?? (query.type === undefined ? undefined : typesLike(query.type))
    const items = await storage.listEvents(tenant, page, {
      ...(types === undefined ? {} : { types }),
      ...(query.delivery_success === undefined ? {} : { delivered: query.delivery_success }),
    })
    return answerPage(deps, request, 'event', items, (told) => told.map((event) => renderEvent(event, lookOf(deps))))
  })
}

/** `charge.*` names every type that begins so. */
function typesLike(type: string): readonly string[] {
  if (!type.endsWith('.*')) return [type]
  return EVENT_TYPES.filter((name) => name.startsWith(type.slice(0, -1)))
}
