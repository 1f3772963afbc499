import { nearestName } from '../core/nearest.ts'
import { type Command, EXIT, type Refusal, wordsOf } from './command.ts'
import { COMMANDS, NOUNS } from './commands.ts'
import { quote } from './quote.ts'

export type FoundCommand = { readonly ok: true; readonly command: Command } | Refusal

/** The command that the first two words name, or what was probably meant by them. */
export function findCommand(noun: string | undefined, verb: string | undefined): FoundCommand {
  const command = COMMANDS.find((one) => one.noun === noun && (one.verb === verb || one.verb === ''))
  return command ? { ok: true, command } : unknown(noun, verb?.startsWith('-') ? undefined : verb)
}

export const isNoun = (word: string | undefined): word is string => word !== undefined && Object.hasOwn(NOUNS, word)

/** A fault of the command line, and where its right form is written. */
export const usage = (message: string, help: string): Refusal => ({
  ok: false,
  exit: EXIT.usage,
  message: `${message}\nSee opentill ${help}.`,
})

function unknown(noun: string | undefined, verb: string | undefined): Refusal {
  if (noun === undefined) return usage('A command is missing.', 'help')
  if (noun.startsWith('-')) return usage(`${quote(noun)} is no command; options come after it.`, 'help')
  if (isNoun(noun)) return unknownVerb(noun, verb)
  const typed = verb === undefined ? noun : `${noun} ${verb}`
  const known = COMMANDS.map(wordsOf)
  const meant = nearestName(typed, known) ?? nearestName(noun, Object.keys(NOUNS))
  return usage(`There is no command ${quote(typed)}.${meant === undefined ? '' : ` Did you mean ${meant}?`}`, 'help')
}

function unknownVerb(noun: string, verb: string | undefined): Refusal {
  const verbs = COMMANDS.filter((command) => command.noun === noun).map((command) => command.verb)
  const choice = `It is one of ${verbs.join(', ')}.`
  if (verb === undefined) return usage(`${noun} needs a verb. ${choice}`, `${noun} --help`)
  const meant = nearestName(verb, verbs)
  const advice = meant === undefined ? choice : `Did you mean ${noun} ${meant}?`
  return usage(`There is no command ${quote(`${noun} ${verb}`)}. ${advice}`, `${noun} --help`)
}
