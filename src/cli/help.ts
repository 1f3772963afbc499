import { type Command, type Paint, wordsOf } from './command.ts'
import { COMMANDS, NOUNS } from './commands.ts'
import { COMMON_OPTIONS } from './read-arguments.ts'

/** How the program is called in its own sentences. From a checkout it is `npm run opentill --`. */
const PROGRAM = 'opentill'

const EXIT_CODES = 'Exit codes: 0 done, 1 failed, 2 wrong usage, 4 not found.'

export function helpForAll({ heading }: Paint): string {
  const groups = Object.entries(NOUNS).map(([noun, about]) => `${heading(noun)}  ${about}\n${commandLines(noun)}`)
  return [
    `Usage: ${PROGRAM} <noun> <verb> [options]\n`,
    ...groups,
    `${PROGRAM} <noun> <verb> --help tells more of one command.\n` +
      `For scripts and agents: --json prints one JSON value on stdout; sentences about faults go to stderr.\n` +
      `${EXIT_CODES}\n`,
  ].join('\n')
}

export function helpForNoun(noun: string): string {
  return `${NOUNS[noun]}\n\n${commandLines(noun)}\n${PROGRAM} ${noun} <verb> --help tells more of one command.\n`
}

export function helpForCommand(command: Command, { heading }: Paint): string {
  const { about, operands, examples } = command
  const call = `${PROGRAM} ${wordsOf(command)}`
  const options = Object.entries({ ...command.options, ...COMMON_OPTIONS }).map(([name, option]) => [
    `--${name}${option.value === undefined ? '' : ` <${option.value}>`}`,
    `${option.about}${option.required ? ' (required)' : ''}`,
  ])
  return [
    `${about}\n`,
    `${heading('Usage')}\n  ${call}${operands ? ` ${operands.shown}` : ''} [options]\n`,
    `${heading('Options')}\n${lines(options)}`,
    `${heading('Examples')}\n${examples.map((example) => `  ${`${call} ${example}`.trimEnd()}\n`).join('')}`,
  ].join('\n')
}

function commandLines(noun: string): string {
  return lines(
    COMMANDS.filter((command) => command.noun === noun).map((command) => [wordsOf(command), command.about]),
    17,
  )
}

function lines(pairs: readonly (readonly string[])[], least = 0): string {
  const width = Math.max(least, ...pairs.map(([left = '']) => left.length))
  return pairs.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}
