import { type ParseArgsConfig, parseArgs } from 'node:util'

type Options = NonNullable<ParseArgsConfig['options']>

/** What was typed behind a command for developers. A mistake, and `--help`, are answered with what may be typed. */
export function readOptions<const T extends Options>(usage: string, options: T) {
  try {
    if (process.argv.includes('--help') || process.argv.includes('-h')) leave(usage, 0)
    return parseArgs({ options }).values
  } catch (error) {
    // Node's own text goes on about a positional argument that begins with a dash.
    return leave(`${(error instanceof Error ? error.message : `${error}`).split('. ')[0]}.\n${usage}`, 2)
  }
}

export function wholeNumber(text: string, usage: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : leave(`${text} is not a whole number.\n${usage}`, 2)
}

/** Ends the process with a sentence and a code: 2 says that nothing was run. */
export function leave(sentence: string, code: 0 | 2): never {
  if (code === 0) console.log(sentence)
  else console.error(sentence)
  process.exit(code)
}
