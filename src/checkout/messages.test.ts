import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import en from './locales/en.json' with { type: 'json' }
import notes from './locales/en.notes.json' with { type: 'json' }
import { counted, fillIn, type MessageKey, messagesFor } from './messages.ts'
import { SCRIPT_WORDS } from './views/form.ts'

const KEYS = Object.keys(en) as MessageKey[]

test('the catalog stays small: at most 180 sentences, at most 20 of them in the script (L3)', () => {
  assert.ok(KEYS.length <= 180, `${KEYS.length}`)
  assert.ok(SCRIPT_WORDS.length <= 20, `${SCRIPT_WORDS.length}`)
})

test('every sentence has a note for translators, and no note is left over', () => {
  assert.deepEqual(Object.keys(notes).sort(), [...KEYS].sort())
  for (const [key, note] of Object.entries(notes)) assert.ok(note.length > 10, key)
})

test('no sentence is left that no screen shows', () => {
  const source = globSync('src/checkout/**/*.ts')
    .filter((file) => !file.endsWith('.test.ts'))
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n')
  const built = ['error_', 'decline_', 'submit_', 'summary_more_']
  for (const key of KEYS) {
    assert.ok(source.includes(`'${key}'`) || built.some((stem) => key.startsWith(stem)), key)
  }
})

test('messages say what to do, and blame or beg nobody', () => {
  for (const key of KEYS) assert.doesNotMatch(en[key], /\b(invalid|please|sorry|oops)\b/i, key)
})

test('placeholders are filled, and one without a value stays visible', () => {
  assert.equal(fillIn('{a} of {b}', { a: 1 }), '1 of {b}')
  assert.equal(counted(messagesFor('en'), 'summary_more', 1, { name: 'Tea' }), 'Tea and 1 more item')
  assert.equal(counted(messagesFor('en'), 'summary_more', 2, { name: 'Tea' }), 'Tea and 2 more items')
})

for (const [wanted, locale] of [
  ['en-GB', 'en-GB'],
  ['de', 'en'],
  ['auto', 'en'],
  ['', 'en'],
  ['en_US<b>', 'en'],
  ['ab-ab-ab', 'en'],
]) {
  test(`asked for ${JSON.stringify(wanted)}, the page speaks ${locale}`, () => {
    assert.equal(messagesFor(wanted ?? '').locale, locale)
  })
}
