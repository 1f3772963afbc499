import type { Context } from '../flows/call.ts'
import {
  type Auditing,
  type DecidingOfMoney,
  type Delivering,
  EXIT,
  type Paint,
  type Refusal,
  type Told,
  type Work,
  wordsOf,
} from './command.ts'
import { findCommand, isNoun, usage } from './find-command.ts'
import { helpForAll, helpForCommand, helpForNoun } from './help.ts'
import { paintFor } from './paint.ts'
import { readArguments } from './read-arguments.ts'

export type Io = {
  write(text: string): void
  writeError(text: string): void
  readonly isTty: boolean
  /** Whether colors are wanted; none appear where `isTty` is false. */
  readonly color: boolean
}
export type Opened = { readonly context: Context } & Pick<Auditing, 'books' | 'bank'> &
  Delivering &
  DecidingOfMoney & { close(): Promise<void> }

/**
 * Runs one command.
 * @param args what was typed after the program's name
 * @param open opens the database; called for a command that needs it, and only once its arguments are in order
 * @returns the exit code: 0 done, 1 failed, 2 wrong usage, 4 not found
 * @throws whatever `open` and the database throw: words for these belong to who started the program
 */
export async function runCli(args: readonly string[], io: Io, open: () => Promise<Opened>): Promise<number> {
  const paint = paintFor(io.isTty && io.color)
  const [noun, verb] = args
  if (isHelp(noun) || noun === 'help') return help(args.slice(1), io, paint)
  if (isHelp(verb) && isNoun(noun)) return help([noun], io, paint)
  const found = findCommand(noun, verb)
  if (!found.ok) return fail(io, found)
  const { command } = found
  const read = readArguments(command, args.slice(command.verb === '' ? 1 : 2))
  if (!read.ok) return fail(io, usage(read.faults.join('\n'), `${wordsOf(command)} --help`))
  if (read.given.switches.has('help')) return help([command.noun, command.verb], io, paint)
  const plan = command.plan(read.given, paint)
  const progress = showProgress(io, read.given.switches.has('json'))
  const answer = plan.ok ? await carryOut(plan.work, open, progress.show).finally(progress.clear) : plan
  if (!answer.ok) return fail(io, answer)
  io.write(read.given.switches.has('json') ? `${JSON.stringify(answer.json, undefined, 2)}\n` : answer.text)
  return answer.exit ?? EXIT.done
}

async function carryOut(
  work: Work,
  open: () => Promise<Opened>,
  showProgress: Auditing['showProgress'],
): Promise<Told | Refusal> {
  const { context, close, ...tools } = await open()
  try {
    return await work(context, { ...tools, showProgress })
  } finally {
    await close()
  }
}

const ERASE_LINE = '\r\u001b[K'

/** One line on stderr that each text replaces; a program that reads us, and a file, see none of it. */
function showProgress(io: Io, silent: boolean) {
  let shown = false
  const show = (text: string): void => {
    if (!io.isTty || silent) return
    shown = true
    io.writeError(`${ERASE_LINE}${text}`)
  }
  const clear = (): void => {
    if (shown) io.writeError(ERASE_LINE)
  }
  return { show, clear }
}

const isHelp = (word: string | undefined): boolean => word === '--help' || word === '-h'

/** Help that was asked for goes to stdout, where a pager reads it. */
function help([noun, verb]: readonly string[], io: Io, paint: Paint): number {
  if (noun === undefined || isHelp(noun)) io.write(helpForAll(paint))
  else if (isNoun(noun) && (verb === undefined || isHelp(verb)) && !findCommand(noun, verb).ok) {
    io.write(helpForNoun(noun))
  } else {
    const found = findCommand(noun, verb)
    if (!found.ok) return fail(io, found)
    io.write(helpForCommand(found.command, paint))
  }
  return EXIT.done
}

function fail(io: Io, { exit, message }: Refusal): number {
  io.writeError(`${message}\n`)
  return exit
}
