import type { WebhookEndpoint } from '../../core/event.ts'
import { newUuid, type Tenant } from '../../core/ids.ts'
import { type Door, MOST_NOTIFY, type NotifyAddress } from '../../core/session.ts'
import { newSecretFor } from '../../events/endpoint-secret.ts'
import { mayTry } from '../contend.ts'
import { done, type Result, refuse } from '../refusals.ts'
import { type EndpointContext, MOST_ENDPOINTS, urlFault } from './change-endpoint.ts'

/** One address that a session names: what goes into the session's `notify`. */
export async function namedEndpoint(
  context: EndpointContext,
  tenant: Tenant,
  door: Door,
  url: string,
): Promise<Result<NotifyAddress>> {
  const named = await namedEndpoints(context, tenant, door, [url])
  if (!named.ok) return named
  const [address] = named.value
  if (!address) throw new Error('an address without an endpoint')
  return done(address)
}

/**
 * The addresses that a session names, for its `notify`: each once, in their order. Behind each stands a hidden endpoint of
 * the door, found or made: all sessions share the one of an origin, so that a server that is down is one endpoint that is
 * down. Of several addresses of one origin the second has the origin's second endpoint, for an event goes to an endpoint
 * once.
 */
export async function namedEndpoints(
  context: EndpointContext,
  tenant: Tenant,
  door: Door,
  urls: readonly string[],
): Promise<Result<readonly NotifyAddress[]>> {
  if (!context.doors[door]) return refuse('door_without_events', 'url', door)
  const addresses = [...new Set(urls)]
  if (addresses.length > MOST_NOTIFY) {
    return refuse('endpoint_url_refused', 'url', `a session can name at most ${MOST_NOTIFY} addresses`)
  }
  for (const url of addresses) {
    const fault = urlFault(context, tenant, url)
    if (fault) return fault
  }
  const places = placesOf(addresses)
  const since = context.env.monotonicMs()
  for (let tries = 0; await mayTry(context.env, since, tries); tries++) {
    const origins = [...new Set(places.map(({ origin }) => origin))]
    const present = await context.storage.findNamedEndpoints(tenant, door, origins)
    const byPlace = new Map(present.map((endpoint) => [`${endpoint.named} ${endpoint.url}`, endpoint]))
    const made = places
      .filter((place) => !byPlace.has(keyOf(place)))
      .map((place) => hidden(context, tenant, door, place))
    for (const endpoint of made) byPlace.set(`${endpoint.named} ${endpoint.url}`, endpoint)
    if (made.length > 0) {
      const { named } = await context.storage.countEndpoints(tenant)
      if (named + made.length > MOST_ENDPOINTS) return refuse('too_many_endpoints', 'url')
      const committed = await context.storage.commit({ endpoints: made })
      // Somebody else made one of them at the same moment: that one is found now.
      if (!committed.ok) continue
    }
    return done(
      places.flatMap((place) => {
        const endpoint = byPlace.get(keyOf(place))
        return endpoint ? [{ endpointId: endpoint.id, url: place.url }] : []
      }),
    )
  }
  return refuse('stale')
}

type Place = { readonly url: string; readonly origin: string; readonly nth: number }

const keyOf = ({ nth, origin }: Place): string => `${nth} ${origin}`

function placesOf(urls: readonly string[]): readonly Place[] {
  const taken = new Map<string, number>()
  return urls.map((url) => {
    const { origin } = new URL(url)
    const nth = (taken.get(origin) ?? 0) + 1
    taken.set(origin, nth)
    return { url, origin, nth }
  })
}

/** It gets whatever its door tells of the sessions that name it. */
function hidden(context: EndpointContext, tenant: Tenant, door: Door, { origin, nth }: Place): WebhookEndpoint {
  return {
    tenant,
    id: newUuid(context.env),
    version: 1,
    url: origin,
    named: nth,
    status: 'enabled',
    door,
    apiVersion: null,
    enabledEvents: ['*'],
    sealedSecret: context.sealer.seal(tenant, newSecretFor(context.env, context.doors[door])),
    sealedPrevious: null,
    previousUntil: null,
    disabledReason: null,
    disabledAt: null,
    deleted: false,
    createdAt: context.env.now(),
    document: {},
  }
}
