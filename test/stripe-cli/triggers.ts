import { makeEnv } from '../../src/env.ts'
import { openAccount } from '../../src/flows/open-account.ts'
import { openStorage } from '../../src/storage/storage.ts'
import { temporaryFolder } from '../support/folder.ts'
import { type RunningOpentill, stripeFor } from '../support/opentill.ts'
import { type CliRan, stripeCli } from '../support/stripe-cli.ts'

/** What became of `stripe trigger <name>`; without a reason the command succeeded and the event happened. */
export type Triggered = { readonly name: string; readonly reason: string | undefined }

/** Each has an account of its own, so that an event is known to be its fixture's. */
const LANES = 3

/** What the binary can trigger, by its own account. */
export async function listTriggers(program: string): Promise<readonly string[]> {
  const cli = stripeCli(program, { url: 'http://127.0.0.1:9', secretKey: 'sk_test_none' }, temporaryFolder())
  const { out } = await cli.run('trigger', '--help')
  return [...out.matchAll(/^ {2}([a-z0-9_]+(?:\.[a-z0-9_]+)+)$/gm)].map(([, name = '']) => name)
}

/** Triggers events with the real CLI, several at a time, and looks whether they happened. */
export async function runTriggers(
  program: string,
  till: RunningOpentill,
  names: readonly string[],
): Promise<readonly Triggered[]> {
  const waiting = [...names]
  const found = new Map<string, Triggered>()
  const lane = async (number: number): Promise<void> => {
    const context = { env: makeEnv(), storage: openStorage(till.sql) }
    const { keys } = await openAccount(context, `Lane ${number}`)
    const secretKey = keys.find(({ row, text }) => row.kind === 'secret' && text.startsWith('sk_test_'))?.text ?? ''
    const stripe = stripeFor(till.url, secretKey)
    const cli = stripeCli(program, { url: till.url, secretKey }, temporaryFolder())
    const latest = async (type: string) => (await stripe.events.list({ type, limit: 1 })).data[0]?.id
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const before = await latest(name)
      const reason = reasonOf(await cli.run('trigger', name))
      found.set(name, {
        name,
        reason: reason ?? (before === (await latest(name)) ? NOTHING_HAPPENED : undefined),
      })
    }
  }
  await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)))
  return names.map((name) => found.get(name) ?? { name, reason: 'it was not tried' })
}

const NOTHING_HAPPENED = 'the command expects an error, and no such event happens'

/** Why the CLI gave up, in the words of the API; undefined where it did not. */
function reasonOf({ code, out, err }: CliRan): string | undefined {
  if (code === 0 && out.includes('Trigger succeeded')) return undefined
  const said = `${out}\n${err}`
  const [, method, path] = /Unrecognized request URL \((\w+): (\/[^)]*)\)/.exec(said) ?? []
  if (method && path) return `\`${method} ${path.replaceAll(/\/(cus|pi|cs|prod)_\w+/g, '/:id')}\` is not built`
  // Which parameter is the first to be refused differs from run to run: the CLI sends them in no order.
  const step = [...said.matchAll(/Running fixture for: (\w+)/g)].at(-1)?.[1]
  if (/is not available yet|Received unknown parameter|Invalid \S+: (?:did you mean|must be )/.test(said))
    return `a parameter of its step \`${step}\` is not built`
  const message = /"message": ?"((?:[^"\\]|\\.)*)"/.exec(said)?.[1]
  return (message ?? said.trim().split('\n').at(-1) ?? '').replaceAll('|', '/').slice(0, 160)
}

/** What the events are about that do not pass, in the order in which a shop may miss them. */
const KINDS: readonly (readonly [kind: string, names: RegExp])[] = [
  ['Payments that are slow', /async_payment|partially_funded|\.processing$|cash_balance/],
  ['Cards kept without a payment', /^(setup_intent|payment_method)\./],
  ['Subscriptions, plans and quotes', /subscription|^(plan|quote)\./],
  ['Invoices and credit notes', /^(invoice|invoiceitem|credit_note)\./],
  ['Coupons and promotion codes', /^(coupon|promotion_code|customer\.discount)\./],
  ['Payment links', /^payment_link\./],
  ['Tax rates', /^tax_rate\./],
  ['Customer portal', /^billing_portal\./],
  ['Payouts and other money out', /^(balance|payout|topup|transfer)\./],
  ['Platforms', /^account\./],
  ['Sources, which Stripe has replaced', /^customer\.source\./],
  ['Metered usage', /^v1\.billing\.meter\./],
  ['Test clocks', /^test_helpers\./],
  ['Other products of Stripe’s', /^(identity|issuing\w*|reporting)\./],
]
const OTHERS = 'Others'

const PASSING = '| Object | Events that pass |\n| - | - |\n'
const FAILING = '| Not yet | Why | Events |\n| - | - | - |\n'

/** The two tables of `docs/stripe-cli.md`: what passes by its object, and the rest by its kind and its reason. */
export function triggersTables(rows: readonly Triggered[]): string {
  const passing = Object.entries(Object.groupBy(rows.filter(passes), objectOf))
  const failing = [...KINDS.map(([kind]) => kind), OTHERS].flatMap((kind) => {
    const ofKind = rows.filter((row) => !passes(row) && kindOf(row) === kind)
    return Object.entries(Object.groupBy(ofKind, ({ reason = '' }) => reason)).map(
      ([reason, some], index) => `| ${index === 0 ? kind : ''} | ${reason} | ${named(some)} |\n`,
    )
  })
  const passed = passing.map(([object, some]) => `| \`${object}\` | ${named(some)} |\n`)
  return `${PASSING}${passed.join('')}\n${FAILING}${failing.join('')}`
}

const passes = ({ reason }: Triggered): boolean => reason === undefined
const objectOf = ({ name }: Triggered): string => name.slice(0, name.lastIndexOf('.'))
const kindOf = ({ name }: Triggered): string => KINDS.find(([, names]) => names.test(name))?.[0] ?? OTHERS
const named = (rows: readonly Triggered[] = []): string => rows.map(({ name }) => `\`${name}\``).join(', ')

/** @returns the text around the tables, and what they say, by name */
export function readTables(markdown: string) {
  const [start, middle] = [markdown.indexOf(PASSING), markdown.indexOf(FAILING)]
  if (start < 0 || middle < start) throw new Error('there are no tables of triggers')
  const [failing = ''] = /^(?:\|.*\n)*/.exec(markdown.slice(middle)) ?? []
  const end = middle + failing.length
  const rows = markdown
    .slice(start, end)
    .split('\n')
    .flatMap((line): Triggered[] => {
      const [first = '', ...others] = line.split(' | ')
      const reason = others.length === 2 ? others[0] : undefined
      const names = first.startsWith('|') ? [...(others.at(-1) ?? '').matchAll(/`([^`]+)`/g)] : []
      return names.map(([, name = '']) => ({ name, reason }))
    })
  return { before: markdown.slice(0, start), rows: rows.toSorted(byName), after: markdown.slice(end) }
}

const byName = (a: Triggered, b: Triggered): number => (a.name < b.name ? -1 : 1)
