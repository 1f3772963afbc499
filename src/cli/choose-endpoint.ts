import type { WebhookEndpoint } from '../core/event.ts'
import { nameOf, parseName } from '../core/ids.ts'
import type { Call, Context } from '../flows/call.ts'
import { failed, notFound, type Refusal } from './command.ts'
import { quote } from './quote.ts'

export type Chosen = { readonly ok: true; readonly endpoint: WebhookEndpoint } | Refusal

/** The endpoint of that name, of whichever account and mode: the name says both. */
export async function chooseEndpoint({ storage }: Context, name: string): Promise<Chosen> {
  const parsed = parseName('endpoint', name)
  const endpoint = parsed && (await storage.findEndpoint(parsed.tenant, parsed.id))
  if (!endpoint || endpoint.deleted) {
    return notFound(`There is no endpoint ${quote(name)}. opentill endpoints list shows those of an account.`)
  }
  return { ok: true, endpoint }
}

export const endpointName = ({ tenant, id }: Pick<WebhookEndpoint, 'tenant' | 'id'>): string =>
  nameOf('endpoint', tenant, id)

/** A change by whoever runs the installation: there is no request behind it, and nothing that is repeated. */
export const callFor = ({ tenant, id, door }: WebhookEndpoint): Call => ({
  caller: { tenant, keyId: id, kind: 'secret', door },
  requestId: 'cli',
  key: null,
})

export function refusedBy(code: string, name: string): Refusal {
  if (code === 'endpoint_disabled') {
    return failed(`The endpoint ${name} is disabled, so nothing is sent to it. Enable it first.`)
  }
  if (code === 'event_not_told') {
    return failed(`The door of the endpoint ${name} has no words for this event, or it does not go to its address.`)
  }
  return failed(`The endpoint ${name} changed meanwhile (${code}). Look with opentill endpoints list, and try again.`)
}
