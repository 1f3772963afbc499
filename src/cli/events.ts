import { parseName } from '../core/ids.ts'
import { resendEvent } from '../flows/endpoints/resend.ts'
import { chooseEndpoint, refusedBy } from './choose-endpoint.ts'
import { type Command, notFound, planned, told } from './command.ts'
import { quote } from './quote.ts'
import { shownTry, TRY_COLUMNS, tryRow } from './show-try.ts'
import { renderTable } from './table.ts'

const MOST_TRIES = 50
const OPERAND = { shown: '<event id>', least: 1, most: 1 } as const
const noEvent = (name: string) => notFound(`There is no event ${quote(name)} in that account and mode.`)

export const eventsAttempts: Command = {
  noun: 'events',
  verb: 'attempts',
  about: `List the last ${MOST_TRIES} tries to deliver an event, newest first.`,
  options: {},
  operands: OPERAND,
  examples: ['evt_…', 'evt_… --json'],
  plan: ({ operands: [name = ''] }, paint) =>
    planned(async ({ storage }) => {
      const parsed = parseName('event', name)
      if (!parsed || !(await storage.findEvent(parsed.tenant, parsed.id))) return noEvent(name)
      const { items } = await storage.listTries(parsed.tenant, { limit: MOST_TRIES }, { eventId: parsed.id })
      return told(renderTable(TRY_COLUMNS, items.map(tryRow), paint), items.map(shownTry))
    }),
}

export const eventsResend: Command = {
  noun: 'events',
  verb: 'resend',
  about: 'Send an event to an endpoint once more: the same id and bytes, a new time and new signatures.',
  options: { endpoint: { value: 'we_…', about: 'the endpoint, of the same account and mode', required: true } },
  operands: OPERAND,
  examples: ['evt_… --endpoint we_…', 'evt_… --endpoint we_… --json'],
  plan: ({ operands: [name = ''], values }) =>
    planned(async (context, { doors }) => {
      const endpointId = values.get('endpoint') ?? ''
      const chosen = await chooseEndpoint(context, endpointId)
      if (!chosen.ok) return chosen
      const { tenant, id } = chosen.endpoint
      const parsed = parseName('event', name)
      if (parsed?.tenant !== tenant) return noEvent(name)
      const resent = await resendEvent({ ...context, doors }, tenant, parsed.id, id)
      if (!resent.ok)
        return resent.refusal.code === 'resource_missing' ? noEvent(name) : refusedBy(resent.refusal.code, endpointId)
      return told(`${name} is sent to ${endpointId} once more.\n`, { event: name, endpoint: endpointId })
    }),
}
