import type { EventDoors } from '../core/door-events.ts'
import type { Context } from '../flows/call.ts'
import type { EndpointContext } from '../flows/endpoints/change-endpoint.ts'
import type { Payments } from '../flows/pay.ts'
import type { ReadProviderBooks } from '../flows/verify/verify.ts'
import type { Books } from '../storage/books.ts'

/** What the shell is told. Others of the list (3 and 5 to 6) belong to commands that talk to a server. */
export const EXIT = { done: 0, failed: 1, usage: 2, notFound: 4 } as const

/** What a command has to say: for a person and for a program. */
export type Told = {
  readonly ok: true
  /** Lines for a person. */
  readonly text: string
  /** Printed with `--json`. Its shape is kept: members are added, never renamed. */
  readonly json: unknown
  /** A result that is bad news ends with 1, and is told on stdout all the same. */
  readonly exit?: 1
}
export type Refusal = { readonly ok: false; readonly exit: 1 | 2 | 4; readonly message: string }

/** What only a command that sends events or rolls a secret needs. */
export type Delivering = {
  /** How each front door tells events. */
  readonly doors: EventDoors
  /** Opens the keys of the data folder, which seal signing secrets. */
  openSealer(): Promise<EndpointContext['sealer']>
}

/** What only a command that decides about money needs: it sends nothing, for that is a server's work. */
export type DecidingOfMoney = { readonly connectors: Payments['connectors'] }

/** What only a command that looks at everything needs. */
export type Auditing = {
  readonly books: Books
  readonly bank: ReadProviderBooks
  /** Replaces the line that it showed before; nothing where nobody watches. */
  readonly showProgress: (text: string) => void
}
/** The part of a command that needs the database. */
export type Work = (context: Context, tools: Auditing & Delivering & DecidingOfMoney) => Promise<Told | Refusal>
export type Planned = { readonly ok: true; readonly work: Work } | Refusal

export type Option = {
  readonly about: string
  /** How its value is shown in the help; a switch has none. */
  readonly value?: string
  readonly required?: true
}

/** What was typed after the command, and known to be of its form. */
export type Given = {
  readonly switches: ReadonlySet<string>
  readonly values: ReadonlyMap<string, string>
  readonly operands: readonly string[]
}

/** How words are made to stand out, where the terminal can. */
export type Paint = {
  readonly heading: (text: string) => string
  readonly live: (text: string) => string
  readonly faint: (text: string) => string
}

export type Command = {
  readonly noun: string
  /** Empty where one word says it all. */
  readonly verb: string
  readonly about: string
  readonly options: Readonly<Record<string, Option>>
  readonly operands?: { readonly shown: string; readonly least: number; readonly most: number }
  readonly examples: readonly [string, string]
  /** Judges all that can be judged without a database. */
  plan(given: Given, paint: Paint): Planned
}

/** What is typed to call a command. */
export const wordsOf = ({ noun, verb }: Pick<Command, 'noun' | 'verb'>): string => `${noun} ${verb}`.trimEnd()

export const told = (text: string, json: unknown): Told => ({ ok: true, text, json })
export const planned = (work: Work): Planned => ({ ok: true, work })
export const wrongUsage = (message: string): Refusal => ({ ok: false, exit: EXIT.usage, message })
export const notFound = (message: string): Refusal => ({ ok: false, exit: EXIT.notFound, message })
export const failed = (message: string): Refusal => ({ ok: false, exit: EXIT.failed, message })

/** `--account`, the same for every command that works inside of one. */
export const ACCOUNT_OPTION: Readonly<Record<'account', Option>> = {
  account: { value: 'acct_…', about: 'the account; may be left out while there is only one' },
}
