import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TEST_CARDS } from '../../src/sandbox-bank/test-cards.ts'
import { findIn, needlesFor } from './needles.ts'

/** Paints and moves of a terminal. */
const ANSI = new RegExp(`${String.fromCharCode(27)}\\[[\\d;]*m`, 'g')
/** The reporter repeats a test's name, and names are words of the tests' own. */
const NAMES = /^\s*[✔✖▶﹣⚠ℹ]/

/** Which test cards a run of tests printed, apart from the tests' names. */
export function leaksInOutput(output: Buffer): readonly string[] {
  const said = output.toString().replaceAll(ANSI, '').split('\n')
  const pile = Buffer.from(said.filter((line) => !NAMES.test(line)).join('\n'))
  return leaksIn(TEST_CARDS.map((card) => card.number).filter((number) => findIn(pile, number).length > 0))
}

/** Which test cards lie in the files of a database cluster: tables, indexes, write-ahead log, the server's own log. */
export function leaksInFolder(folder: string): readonly string[] {
  const needles = TEST_CARDS.map(({ number }) => {
    const texts = needlesFor(number).filter(({ what }) => what === 'raw' || what === 'spaced')
    return { number, texts: texts.map(({ bytes }) => bytes) }
  })
  const found = new Set<string>()
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true })
  for (const entry of entries.filter((one) => one.isFile())) {
    const bytes = readFileSync(join(entry.parentPath, entry.name))
    for (const { number, texts } of needles) if (texts.some((text) => bytes.includes(text))) found.add(number)
  }
  return leaksIn([...found])
}

/** As a message may say it. */
function leaksIn(numbers: readonly string[]): readonly string[] {
  return numbers.map((number) => `…${number.slice(-4)}`)
}
