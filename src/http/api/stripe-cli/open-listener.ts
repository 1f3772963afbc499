import { Type } from '@fastify/type-provider-typebox'
import { parseLineFilters } from '../../../core/listener.ts'
import { openListener } from '../../../flows/listeners/listen.ts'
import { Refused } from '../../errors.ts'
import { lines, list, object, oneOf, optional, text } from '../../parameters/fields.ts'
import { UPGRADE_PATH } from '../../server.ts'
import { type Api, type ApiDeps, callerOf } from '../api.ts'
import { API_VERSION } from '../render/versions.ts'

/** Thin events are not built: who asks for them besides hears none. */
const FEATURES = ['webhooks', 'v2_events', 'request_logs'] as const

const OpenListener = object({
  device_name: optional(text(200)),
  filters: optional(lines(5000)),
  // Where the CLI forwards to is told for a dashboard; the shop's addresses are not kept.
  forward_connect_to_url: optional(text(5000)),
  forward_thin_connect_to_url: optional(text(5000)),
  forward_thin_to_url: optional(text(5000)),
  forward_to_url: optional(text(5000)),
  websocket_features: list(oneOf(FEATURES), 3),
})
const ListenerShape = Type.Object({
  object: Type.Literal('stripecli_session'),
  default_version: Type.String(),
  display_connect_filter_warning: Type.Boolean(),
  latest_version: Type.String(),
  reconnect_delay: Type.Integer(),
  secret: Type.String(),
  websocket_authorized_feature: Type.String(),
  websocket_id: Type.String(),
  websocket_url: Type.String(),
})

/** The CLI resets its connection after so long, which lets another process have it. */
const RECONNECT_SECONDS = 600

/** `stripe listen` and `stripe logs tail` begin here. */
export function registerListeners(api: Api, deps: ApiDeps): void {
  const { stripeCli } = deps
  const open = { schema: { body: OpenListener, response: { 200: ListenerShape } } }
  api.post('/stripecli/sessions', open, async (request) => {
    const { body } = request
    const caller = callerOf(request)
    const feature = body.websocket_features.includes('request_logs') ? 'request_logs' : 'webhooks'
    const filters = parseLineFilters(body.filters ?? '{}')
    if (!filters) {
      throw new Refused({ code: 'parameter_invalid_object', param: 'filters', detail: 'a JSON object of lists' })
    }
    const opened = await openListener(deps, caller, { feature, device: body.device_name ?? '', filters })
    if (!opened.ok) throw new Refused(opened.refusal)
    if (feature === 'request_logs') stripeCli.tails.watch(caller.tenant)
    return {
      object: 'stripecli_session' as const,
      default_version: API_VERSION,
      display_connect_filter_warning: false,
      latest_version: API_VERSION,
      reconnect_delay: RECONNECT_SECONDS,
      secret: stripeCli.signer.secretOf(caller),
      websocket_authorized_feature: feature,
      websocket_id: opened.value.websocketId,
      websocket_url: deps.publicUrl().replace(/^http/, 'ws') + UPGRADE_PATH,
    }
  })
}
