import { isLive, otherMode, type Tenant } from '../core/ids.ts'
import { nearestName } from '../core/nearest.ts'
import { DOORS, type Door } from '../core/session.ts'
import { createEndpoint, deleteEndpoint } from '../flows/endpoints/change-endpoint.ts'
import { chooseAccount } from './choose-account.ts'
import { callFor, chooseEndpoint, endpointName, refusedBy } from './choose-endpoint.ts'
import { ACCOUNT_OPTION, type Command, failed, planned, told, wrongUsage } from './command.ts'
import { quote } from './quote.ts'

export const endpointsCreate: Command = {
  noun: 'endpoints',
  verb: 'create',
  about: 'Have events of test mode, or with --live those of live mode, sent to a URL, in the form of a door.',
  options: {
    ...ACCOUNT_OPTION,
    live: { about: 'those of live mode' },
    door: { value: 'door', about: `the API in whose form they are sent: ${DOORS.join(', ')}` },
    events: { value: 'types', about: 'only these, by the names of that API, with commas between; else all' },
  },
  operands: { shown: '<url>', least: 1, most: 1 },
  examples: ['https://shop.example/webhook', 'https://shop.example/webhook --door bpc --events session.completed'],
  plan({ operands: [url = ''], switches, values }) {
    const wanted = values.get('door') ?? 'native'
    const door = DOORS.find((one) => one === wanted)
    if (!door)
      return wrongUsage(
        `There is no door ${quote(wanted)}. Did you mean ${nearestName(wanted, DOORS) ?? DOORS.join(', ')}?`,
      )
    const enabledEvents = (values.get('events') ?? '*').split(',').map((type) => type.trim())
    return planned(async (context, { openSealer, doors }) => {
      const chosen = await chooseAccount(context, values.get('account'))
      if (!chosen.ok) return chosen
      const live = chosen.account.tenant
      const tenant = switches.has('live') ? live : otherMode(live)
      const sealer = await openSealer()
      // Whether this very machine may be called is judged by the server, each time it calls.
      const means = { ...context, sealer, doors, allowLoopback: !isLive(tenant) }
      const made = await createEndpoint(means, callOf(tenant, door), { url, enabledEvents, door })
      if (!made.ok) return failed(sentenceOf(made.refusal.code, made.refusal.detail, door))
      const { snapshot, secret } = made.value
      if (snapshot.is !== 'endpoint') throw new Error('an endpoint that was made is none')
      const id = endpointName(snapshot.endpoint)
      const text = `Made endpoint ${id} of ${chosen.account.name}.\n\n  ${secret}\n\nThis is its signing secret. It is not shown again.\n`
      return told(text, { id, url, door, enabled_events: enabledEvents, secret })
    })
  },
}

export const endpointsDelete: Command = {
  noun: 'endpoints',
  verb: 'delete',
  about: 'Send nothing to an endpoint any more, not even what waits for it.',
  options: {},
  operands: { shown: '<endpoint id>', least: 1, most: 1 },
  examples: ['we_…', 'we_… --json'],
  plan: ({ operands: [id = ''] }) =>
    planned(async (context) => {
      const chosen = await chooseEndpoint(context, id)
      if (!chosen.ok) return chosen
      const deleted = await deleteEndpoint(context, callFor(chosen.endpoint), chosen.endpoint.id)
      if (!deleted.ok) return refusedBy(deleted.refusal.code, id)
      return told(`Deleted endpoint ${id}.\n`, { id, deleted: true })
    }),
}

const callOf = (tenant: Tenant, door: Door) => ({
  caller: { tenant, keyId: NOBODY, kind: 'secret' as const, door },
  requestId: 'cli',
  key: null,
})
/** No key stands behind what the operator does. */
const NOBODY = '00000000-0000-0000-0000-000000000000' as Parameters<typeof endpointName>[0]['id']

function sentenceOf(code: string, detail: string | undefined, door: Door): string {
  switch (code) {
    case 'endpoint_url_refused':
      return `Events cannot be delivered to this URL: it ${detail ?? 'must be https on a public host'}.`
    case 'door_without_events':
      return `The door ${door} tells no events. Make an endpoint of another door.`
    case 'too_many_endpoints':
      return 'The account has 100 endpoints in this mode. Delete one that is not used any more.'
    case 'parameter_invalid_enum':
      return `--events names a type that the door ${door} does not tell: ${detail ?? ''}`
    default:
      return `The endpoint could not be made (${code}).`
  }
}
