import { type ParseArgsOptionsConfig, parseArgs } from 'node:util'
import { nearestName } from '../core/nearest.ts'
import type { Command, Given, Option } from './command.ts'
import { quote } from './quote.ts'

/** Every command has these. */
export const COMMON_OPTIONS: Readonly<Record<'json' | 'help', Option>> = {
  json: { about: 'print JSON, for programs' },
  help: { about: 'print this help (-h)' },
}

export type ReadArguments =
  | { readonly ok: true; readonly given: Given }
  | { readonly ok: false; readonly faults: readonly string[] }

/** Splits what follows a command into switches, values and operands, and tells all faults that do not follow from another. */
export function readArguments(command: Command, args: readonly string[]): ReadArguments {
  const options: Readonly<Record<string, Option>> = { ...command.options, ...COMMON_OPTIONS }
  // Not strict: a fault is ours to word, with the name that was probably meant.
  const { tokens } = parseArgs({ args: [...args], options: optionsFor(options), strict: false, tokens: true })
  const switches = new Set<string>()
  const values = new Map<string, string>()
  const operands: string[] = []
  const faults: string[] = []
  for (const token of tokens) {
    if (token.kind === 'positional') operands.push(token.value)
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
    if (!option) faults.push(unknownOption(token.rawName, Object.keys(options)))
    else if (option.value === undefined) {
      if (token.value === undefined) switches.add(token.name)
      else faults.push(`--${token.name} takes no value.`)
    } else if (values.has(token.name)) faults.push(`--${token.name} is given twice.`)
    else if (token.value === undefined || (!token.inlineValue && token.value.startsWith('-'))) {
      faults.push(`--${token.name} needs a value; one that begins with a dash is written --${token.name}=….`)
    } else values.set(token.name, token.value)
  }
  if (switches.has('help')) return { ok: true, given: { switches, values, operands } }
  // After a mistyped option its value looks like an operand, and a required one like missing.
  if (faults.length === 0) faults.push(...findMissing(command, values), ...judgeOperands(command, operands))
  return faults.length > 0 ? { ok: false, faults } : { ok: true, given: { switches, values, operands } }
}

function optionsFor(options: Readonly<Record<string, Option>>): ParseArgsOptionsConfig {
  const config = Object.entries(options).map(([name, { value }]) => [
    name,
    { type: value === undefined ? 'boolean' : 'string', ...(name === 'help' ? { short: 'h' } : {}) },
  ])
  return Object.fromEntries(config)
}

function unknownOption(rawName: string, known: readonly string[]): string {
  const meant = rawName.startsWith('--') ? nearestName(rawName.slice(2), known) : undefined
  return `There is no option ${quote(rawName)} here.${meant === undefined ? '' : ` Did you mean --${meant}?`}`
}

function findMissing({ options }: Command, values: ReadonlyMap<string, string>): readonly string[] {
  return Object.entries(options)
    .filter(([name, option]) => option.required && !values.has(name))
    .map(([name, option]) => `--${name} is missing: ${option.about}.`)
}

function judgeOperands({ operands: wanted }: Command, operands: readonly string[]): readonly string[] {
  const { shown, least, most } = wanted ?? { shown: '', least: 0, most: 0 }
  if (operands.length < least) return [`${shown} is missing.`]
  return operands.length > most ? [`${quote(operands[most] ?? '')} is too much here.`] : []
}
