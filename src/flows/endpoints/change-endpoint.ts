import { type EventDoors, isNamed, mayAskFor } from '../../core/door-events.ts'
import type { WebhookEndpoint } from '../../core/event.ts'
import { isLive, newUuid, type Tenant, type Uuid } from '../../core/ids.ts'
import { changeMetadata, type MetadataChange } from '../../core/metadata.ts'
import { offer } from '../../core/nearest.ts'
import { judgeWebhookUrl, leadsTo } from '../../core/outgoing-hosts.ts'
import type { Door } from '../../core/session.ts'
import { isOwnSecret, newSecretFor } from '../../events/endpoint-secret.ts'
import type { Call, Context } from '../call.ts'
import { type Answer, once } from '../once.ts'
import { done, type Result, refuse } from '../refusals.ts'

/** What changes of endpoints need besides: how secrets rest, and whether this very machine may be one. */
export type EndpointContext = Context & {
  readonly sealer: { seal(tenant: Tenant, secret: string): Uint8Array }
  readonly doors: EventDoors
  readonly allowLoopback: boolean
  /** Where we are reached ourselves: no endpoint may be there. */
  readonly ownOrigins?: readonly string[]
}

export type EndpointChanges = {
  readonly url?: string
  readonly enabledEvents?: readonly string[]
  readonly disabled?: boolean
  readonly description?: string | null
  readonly metadata?: MetadataChange
}

/** Every event is offered to every endpoint of its account: so many that a shop makes, and so many that sessions name. */
export const MOST_ENDPOINTS = 100

export type NewEndpoint = EndpointChanges & {
  readonly url: string
  readonly apiVersion?: string
  /** Whose form its events have; the native one unless said otherwise. */
  readonly door?: Door
  /** A signing secret that the receiver has already. */
  readonly secret?: string
}

/** @returns with the answer the secret, once: it is not kept for a repeated request */
export async function createEndpoint(
  context: EndpointContext,
  call: Call,
  input: NewEndpoint,
): Promise<Result<Answer & { readonly secret: string | undefined }>> {
  const { door = 'native' } = input
  const secret = input.secret ?? newSecretFor(context.env, context.doors[door])
  const { tenant } = call.caller
  const made = await once(context, call, async () => {
    const fault =
      doorFault(door, context, input) ?? urlFault(context, tenant, input.url) ?? typesFault(door, context, input)
    if (fault) return fault
    const { made: present } = await context.storage.countEndpoints(tenant)
    if (present >= MOST_ENDPOINTS) return refuse('too_many_endpoints')
    const endpoint = changed(
      {
        tenant,
        id: newUuid(context.env),
        version: 1,
        url: input.url,
        status: 'enabled',
        door,
        apiVersion: input.apiVersion ?? null,
        enabledEvents: [],
        sealedSecret: context.sealer.seal(tenant, secret),
        sealedPrevious: null,
        previousUntil: null,
        disabledReason: null,
        disabledAt: null,
        deleted: false,
        createdAt: context.env.now(),
        document: {},
      },
      input,
      context.env.now(),
    )
    return done({ set: { endpoints: [endpoint] }, objectId: endpoint.id, snapshot: endpointSnapshot(endpoint) })
  })
  return made.ok ? done({ ...made.value, secret: made.value.replayed ? undefined : secret }) : made
}

/** Enabled again, or at another address, it gets at once what waited for it, oldest first. */
export async function updateEndpoint(
  context: EndpointContext,
  call: Call,
  id: Uuid,
  changes: EndpointChanges,
): Promise<Result<Answer>> {
  const { tenant } = call.caller
  let wakes = false
  const answer = await once(context, call, async () => {
    const before = await context.storage.findEndpoint(tenant, id)
    if (!before || before.deleted) return refuse('resource_missing')
    const fault =
      (changes.url === undefined ? undefined : movingFault(context, before, changes.url)) ??
      typesFault(before.door, context, changes)
    if (fault) return fault
    const endpoint = { ...changed(before, changes, context.env.now()), version: before.version + 1 }
    wakes = endpoint.status === 'enabled' && (before.status === 'disabled' || before.url !== endpoint.url)
    return done({ set: { endpoints: [endpoint] }, objectId: id, snapshot: endpointSnapshot(endpoint) })
  })
  // A crash before this leaves the times that were planned: later, not never.
  if (answer.ok && wakes) await context.storage.wakeEndpoint(tenant, id, context.env.now())
  return answer
}

/** What waits for it is not delivered any more. */
export function deleteEndpoint(context: Context, call: Call, id: Uuid): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const before = await context.storage.findEndpoint(call.caller.tenant, id)
    if (!before || before.deleted) return refuse('resource_missing')
    const endpoint: WebhookEndpoint = { ...before, version: before.version + 1, status: 'disabled', deleted: true }
    return done({ set: { endpoints: [endpoint] }, objectId: id, snapshot: endpointSnapshot(endpoint) })
  })
}

/** An endpoint as answers and events carry it: without its secrets. */
export function endpointSnapshot(endpoint: WebhookEndpoint) {
  const shown = { ...endpoint, sealedSecret: new Uint8Array(), sealedPrevious: null }
  return { is: 'endpoint', v: 1, endpoint: shown } as const
}

function doorFault(door: Door, { doors }: Pick<EndpointContext, 'doors'>, { secret }: Pick<NewEndpoint, 'secret'>) {
  if (!doors[door]) return refuse('door_without_events', 'door', door)
  if (secret === undefined || (door !== 'native' && isOwnSecret(secret))) return undefined
  const native = 'the native door makes its secrets itself'
  return refuse('endpoint_secret_refused', 'secret', door === 'native' ? native : undefined)
}

/** An endpoint asks under the names of its door. */
function typesFault(door: Door, { doors }: Pick<EndpointContext, 'doors'>, { enabledEvents = [] }: EndpointChanges) {
  const told = doors[door]
  const wrong = told ? enabledEvents.findIndex((name) => !mayAskFor(told, name)) : -1
  if (!told || wrong < 0) return undefined
  return refuse(
    'parameter_invalid_enum',
    `enabled_events[${wrong}]`,
    offer(['*', ...told.types], enabledEvents[wrong] ?? ''),
  )
}

/** A hidden endpoint has no address of its own that could change. */
function movingFault(context: EndpointContext, before: WebhookEndpoint, url: string) {
  if (isNamed(before)) return refuse('endpoint_url_refused', 'url', 'cannot change where sessions name the addresses')
  return urlFault(context, before.tenant, url)
}

/** Whether events may be sent to an address. */
export function urlFault(context: EndpointContext, tenant: Tenant, url: string) {
  if (leadsTo(url, context.ownOrigins ?? [])) {
    return refuse('endpoint_url_refused', 'url', 'must not lead back to this server itself')
  }
  const verdict = judgeWebhookUrl(url, { live: isLive(tenant), allowLoopback: context.allowLoopback })
  return verdict.ok ? undefined : refuse('endpoint_url_refused', 'url', verdict.message)
}

function changed(before: WebhookEndpoint, changes: EndpointChanges, now: Date): WebhookEndpoint {
  const { description = before.document.description ?? null, metadata } = changes
  return {
    ...before,
    url: changes.url ?? before.url,
    enabledEvents: changes.enabledEvents ?? before.enabledEvents,
    ...(changes.disabled === undefined ? {} : changes.disabled ? disabledAt(before, now) : ENABLED),
    document: {
      ...(description === null ? {} : { description }),
      metadata:
        metadata === undefined ? (before.document.metadata ?? {}) : changeMetadata(before.document.metadata, metadata),
    },
  }
}

const ENABLED = { status: 'enabled', disabledReason: null, disabledAt: null } as const

/** The shop's word replaces what the endpoint said of itself: from now on nothing is kept for it. */
function disabledAt(before: WebhookEndpoint, now: Date): Partial<WebhookEndpoint> {
  if (before.status === 'disabled' && before.disabledReason === 'merchant') return {}
  return { status: 'disabled', disabledReason: 'merchant', disabledAt: now }
}
