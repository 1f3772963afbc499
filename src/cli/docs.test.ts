import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { testCommandLine, withoutIds } from '../../test/support/command-line.ts'
import { INVARIANTS } from '../flows/verify/finding.ts'
import { wordsOf } from './command.ts'
import { COMMANDS } from './commands.ts'

const page = readFileSync(new URL('../../docs/command-line.md', import.meta.url), 'utf8')
const till = await testCommandLine(import.meta.url)
after(till.drop)

type Sample = { readonly line: string; readonly printed: string }

/** What stands after `$ opentill` in the page, each with what the page says that it prints. */
const SAMPLES: readonly Sample[] = [...page.matchAll(/^```console\n(.*?)^```$/gms)]
  .flatMap(([, block = '']) => block.split(/^\$ opentill /m).slice(1))
  .map((text) => {
    const end = text.indexOf('\n')
    return { line: text.slice(0, end), printed: text.slice(end + 1) }
  })

test('every sample of the page prints what the page says, one after the other', async () => {
  assert.ok(SAMPLES.length >= 10)
  const latest = { acct: '', key: '' }
  for (const { line, printed } of SAMPLES) {
    const typed = line.replace(/\b(acct|key)_…/g, (_, kind: keyof typeof latest) => latest[kind])
    const { code, out, err } = await till.run(typed)
    assert.equal(withPlainColumns(withoutIds(out + err)), withPlainColumns(printed), line)
    assert.equal(code, err === '' ? 0 : 2, line)
    latest.acct = /\bacct_\w{27}\b/.exec(out)?.[0] ?? latest.acct
    latest.key = /\bkey_\w{27}\b/.exec(out)?.[0] ?? latest.key
  }
})

/** Ids are longer than what stands for them in the page, and so are their columns. */
const withPlainColumns = (text: string): string => text.replace(/(?<=\S) {2,}/g, '  ')

test('the page lists every command in its own words', () => {
  const rows = COMMANDS.map((command) => {
    const { about, operands, options } = command
    const required = Object.entries(options).filter(([, option]) => option.required)
    const shown = [
      ...required.map(([name, { value }]) => `--${name} <${value}>`),
      ...(operands ? [operands.shown] : []),
    ]
    return `| \`${['opentill', wordsOf(command), ...shown].join(' ')}\` | ${about} |`
  })
  const found = (page.match(/^\| `opentill .*$/gm) ?? []).map((row) => row.replace(/ {2,}/g, ' '))
  assert.deepEqual(found, rows)
})

test('the page lists every invariant in its own words', () => {
  const rows = Object.entries(INVARIANTS).map(([name, says]) => `| \`${name}\` | ${says} |`)
  const [, table = ''] = page.split('| What always holds')
  assert.deepEqual(
    (table.match(/^\| `.*$/gm) ?? []).map((row) => row.replace(/ {2,}/g, ' ')),
    rows,
  )
})

test('the shell lines of the page are commands that exist', async () => {
  const lines = [...page.matchAll(/^npm run (?:--silent )?opentill -- (.*?) *(?:#.*)?$/gm)].map(([, line = '']) => line)
  assert.equal(lines.length, 3)
  for (const line of lines) assert.equal((await till.run(line)).code, 0, line)
})
