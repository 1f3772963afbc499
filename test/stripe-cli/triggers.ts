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
  if (/is not available yet|Received unknown parameter|must be one of/.test(said))
    return `a parameter of its step \`${step}\` is not built`
  const message = /"message": ?"((?:[^"\\]|\\.)*)"/.exec(said)?.[1]
  return (message ?? said.trim().split('\n').at(-1) ?? '').replaceAll('|', '/').slice(0, 160)
}

const BEGIN = '| Event | |\n| - | - |\n'

/** The table of `docs/stripe-cli.md`. */
export function triggersTable(rows: readonly Triggered[]): string {
  return BEGIN + rows.map(({ name, reason }) => `| \`${name}\` | ${reason ?? 'passes'} |\n`).join('')
}

/** @returns the text around the table, and what the table says */
export function readTable(markdown: string) {
  const start = markdown.indexOf(BEGIN)
  if (start < 0) throw new Error('there is no table of triggers')
  const rest = markdown.slice(start + BEGIN.length)
  const [table = ''] = /^(?:\|.*\n)*/.exec(rest) ?? []
  const rows = table.split('\n').flatMap((line): Triggered[] => {
    const [, name, said] = /^\| `([^`]+)` \| (.*) \|$/.exec(line) ?? []
    return name === undefined ? [] : [{ name, reason: said === 'passes' ? undefined : said }]
  })
  return { before: markdown.slice(0, start), rows, after: rest.slice(table.length) }
}
