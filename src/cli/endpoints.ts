import { healthStatus } from '../core/delivery-health.ts'
import { isNamed } from '../core/door-events.ts'
import type { WebhookEndpoint } from '../core/event.ts'
import { isLive, otherMode } from '../core/ids.ts'
import { resendUndelivered } from '../flows/endpoints/resend.ts'
import { LONGEST_OVERLAP_SECONDS, OVERLAP_SECONDS, rollSecret } from '../flows/endpoints/roll-secret.ts'
import { sendTest } from '../flows/endpoints/send-test.ts'
import { chooseAccount } from './choose-account.ts'
import { callFor, chooseEndpoint, endpointName, refusedBy } from './choose-endpoint.ts'
import { ACCOUNT_OPTION, type Command, planned, told, wrongUsage } from './command.ts'
import { eventName, shownTry, TRY_COLUMNS, tryRow } from './show-try.ts'
import { renderMoment, renderTable, unixSeconds } from './table.ts'

/** Those that a shop made, and those that its sessions name. */
const MOST_ENDPOINTS = 200
const MOST_TRIES = 50
const OPERAND = { shown: '<endpoint id>', least: 1, most: 1 } as const

export const endpointsList: Command = {
  noun: 'endpoints',
  verb: 'list',
  about: 'List where events of test mode go, or with --live those of live mode, and how each endpoint does.',
  options: { ...ACCOUNT_OPTION, live: { about: 'those of live mode' } },
  examples: ['', '--live --json'],
  plan: ({ switches, values }, paint) =>
    planned(async (context) => {
      const chosen = await chooseAccount(context, values.get('account'))
      if (!chosen.ok) return chosen
      const live = chosen.account.tenant
      const tenant = switches.has('live') ? live : otherMode(live)
      const { items } = await context.storage.listEndpoints(tenant, { limit: MOST_ENDPOINTS })
      const all = await Promise.all(items.map((endpoint) => shownHealth(context, endpoint)))
      const rows = all.map((one) => [one.id, one.status, String(one.pending), String(one.failed), one.door, one.url])
      return told(renderTable(['id', 'status', 'pending', 'given up', 'door', 'url'], rows, paint), all)
    }),
}

export const endpointsHealth: Command = {
  noun: 'endpoints',
  verb: 'health',
  about: 'Say whether an endpoint takes what it is sent, since when it does not, and what waits for it.',
  options: {},
  operands: OPERAND,
  examples: ['we_…', 'we_… --json'],
  plan: ({ operands: [id = ''] }, paint) =>
    planned(async (context) => {
      const chosen = await chooseEndpoint(context, id)
      if (!chosen.ok) return chosen
      const health = await shownHealth(context, chosen.endpoint)
      const rows = Object.entries(health).map(([name, value]) => [name, value === null ? '-' : String(value)])
      return told(renderTable(['name', 'value'], rows, paint), health)
    }),
}

async function shownHealth({ storage, env }: Parameters<typeof chooseEndpoint>[0], endpoint: WebhookEndpoint) {
  const health = await storage.readHealth(endpoint.tenant, endpoint.id, env.now())
  const at = (moment: Date | null) => moment && unixSeconds(moment)
  return {
    id: endpointName(endpoint),
    url: endpoint.url,
    door: endpoint.door,
    named_by_sessions: isNamed(endpoint),
    mode: isLive(endpoint.tenant) ? 'live' : 'test',
    status: healthStatus(endpoint, health),
    disabled_reason: endpoint.disabledReason,
    disabled_at: at(endpoint.disabledAt),
    failing_since: at(health.failingSince),
    down_since: at(health.downSince),
    attempts_24h: health.tries,
    success_rate: health.tries === 0 ? null : Math.round((health.taken / health.tries) * 10_000) / 10_000,
    p95_duration_ms: health.p95Ms,
    pending: health.pending,
    failed: health.failed,
    oldest_undelivered: health.oldest && eventName(endpoint.tenant, health.oldest.eventId),
  }
}

export const endpointsAttempts: Command = {
  noun: 'endpoints',
  verb: 'attempts',
  about: `List the last ${MOST_TRIES} tries to deliver to an endpoint, newest first.`,
  options: {},
  operands: OPERAND,
  examples: ['we_…', 'we_… --json'],
  plan: ({ operands: [id = ''] }, paint) =>
    planned(async (context) => {
      const chosen = await chooseEndpoint(context, id)
      if (!chosen.ok) return chosen
      const { tenant, id: endpointId } = chosen.endpoint
      const { items } = await context.storage.listTries(tenant, { limit: MOST_TRIES }, { endpointId })
      return told(renderTable(TRY_COLUMNS, items.map(tryRow), paint), items.map(shownTry))
    }),
}

export const endpointsRollSecret: Command = {
  noun: 'endpoints',
  verb: 'roll-secret',
  about: 'Give an endpoint a new signing secret. The old one signs beside it for a day, unless you say otherwise.',
  options: {
    'expires-in': { value: 'seconds', about: `how long the old one signs too, 0 to ${LONGEST_OVERLAP_SECONDS}` },
  },
  operands: OPERAND,
  examples: ['we_…', 'we_… --expires-in 0'],
  plan({ operands: [id = ''], values }) {
    const given = values.get('expires-in') ?? String(OVERLAP_SECONDS)
    const seconds = Number(given)
    if (!/^\d{1,6}$/.test(given) || seconds > LONGEST_OVERLAP_SECONDS) {
      return wrongUsage(`--expires-in must be whole seconds from 0 to ${LONGEST_OVERLAP_SECONDS}, which are 7 days.`)
    }
    return planned(async (context, { openSealer, doors }) => {
      const chosen = await chooseEndpoint(context, id)
      if (!chosen.ok) return chosen
      const { endpoint } = chosen
      const sealer = await openSealer()
      const rolled = await rollSecret({ ...context, sealer, doors }, callFor(endpoint), endpoint.id, seconds)
      if (!rolled.ok) return refusedBy(rolled.refusal.code, id)
      const until = new Date(context.env.now().getTime() + seconds * 1000)
      const old = seconds === 0 ? 'The old one signs no more.' : `The old one signs too until ${renderMoment(until)}.`
      const text = `Rolled the secret of ${id}.\n\n  ${rolled.value.secret}\n\nIt is not shown again. ${old}\n`
      const previous = seconds === 0 ? null : unixSeconds(until)
      return told(text, { id, secret: rolled.value.secret, previous_secret_expires_at: previous })
    })
  },
}

export const endpointsTest: Command = {
  noun: 'endpoints',
  verb: 'test',
  about: 'Send an endpoint a test event. A running server delivers it within a second.',
  options: {},
  operands: OPERAND,
  examples: ['we_…', 'we_… --json'],
  plan: ({ operands: [id = ''] }) =>
    planned(async (context, { doors }) => {
      const chosen = await chooseEndpoint(context, id)
      if (!chosen.ok) return chosen
      const { tenant, id: endpointId } = chosen.endpoint
      const sent = await sendTest({ ...context, doors }, tenant, endpointId)
      if (!sent.ok) return refusedBy(sent.refusal.code, id)
      const { eventId } = sent.value
      if (eventId === undefined) throw new Error('a test without an event')
      const name = eventName(tenant, eventId)
      return told(`Told ${name}. See what became of it with: opentill events attempts ${name}\n`, { event: name })
    }),
}

export const endpointsResend: Command = {
  noun: 'endpoints',
  verb: 'resend',
  about: 'Send an endpoint what it has not taken, oldest first, 25 a second and 10,000 at once.',
  options: {
    from: { value: 'date', about: 'events made at or after it, such as 2026-11-21 or 2026-11-21T06:00Z' },
    before: { value: 'date', about: 'events made before it' },
  },
  operands: OPERAND,
  examples: ['we_…', 'we_… --from 2026-11-20 --before 2026-11-21T12:00Z'],
  plan({ operands: [id = ''], values }) {
    const [from, before] = ['from', 'before'].map((name) => dateOf(values.get(name)))
    if (from === 'wrong' || before === 'wrong') {
      return wrongUsage('--from and --before take a date in UTC, such as 2026-11-21 or 2026-11-21T06:00Z.')
    }
    return planned(async (context) => {
      const chosen = await chooseEndpoint(context, id)
      if (!chosen.ok) return chosen
      const { tenant, id: endpointId } = chosen.endpoint
      const resent = await resendUndelivered(context, tenant, endpointId, { from, before })
      if (!resent.ok) return refusedBy(resent.refusal.code, id)
      const { count, hasMore } = resent.value
      const more = hasMore ? ' There are more: run the command again when these have gone.' : ''
      return told(`${count} events are sent to ${id}.${more}\n`, { count, has_more: hasMore })
    })
  },
}

function dateOf(text: string | undefined): Date | 'wrong' | undefined {
  if (text === undefined) return undefined
  const at = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d)?Z)?$/.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(at) ? 'wrong' : new Date(at)
}
