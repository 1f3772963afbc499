import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { test } from 'node:test'
import { SETTINGS, type Setting } from '../src/config.ts'
import { SETTING_RULES } from '../src/core/settings-rules.ts'

const page = readFileSync(new URL('../docs/settings.md', import.meta.url), 'utf8')

/** The cells of every row of the page whose first cell is such a name. */
const rowsOf = (name: RegExp): readonly (readonly string[])[] =>
  page
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()))
    .filter(([first = '']) => name.test(first))

const code = (text: string | undefined): string => (text === undefined ? '' : `\`${text}\``)

test('docs/settings.md has every variable, with its default and its meaning', () => {
  const settings: Readonly<Record<string, Setting>> = SETTINGS
  assert.deepEqual(
    rowsOf(/^`[A-Z_]+`$/),
    Object.entries(settings).map(([name, { fallback, meaning }]) => [code(name), code(fallback), meaning]),
  )
})

test('docs/settings.md has every setting of an account, with a sample and its meaning', () => {
  assert.deepEqual(
    rowsOf(/^`[a-z_]+`$/),
    Object.values(SETTING_RULES).map(({ name, sample, meaning }) => [code(name), code(sample), meaning]),
  )
})
