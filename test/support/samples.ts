import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { ROOT } from './source.ts'

/** The fenced blocks of a page of ours in one language, as they stand there. */
export function samplesOf(page: string, language: string): readonly string[] {
  const fences = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms')
  return [...readFileSync(join(ROOT, page), 'utf8').matchAll(fences)].map(([, code = '']) => code)
}

/** One call of a page, with the members that the page says it answers. */
export type Call = { readonly text: string; readonly says: readonly string[] }

/** The curl calls of a page, each with the `#` line behind it; what only sets the shell's variables is none. */
export function callsOf(page: string): readonly Call[] {
  const texts = samplesOf(page, 'sh').flatMap((block) => block.trim().split('\n\n'))
  return texts
    .filter((text) => text.startsWith('curl '))
    .map((text) => {
      const [, call = text, says = ''] = /^(.*)\n# (.*)$/s.exec(text) ?? []
      return { text: call, says: says.split(/, (?=")/).map((said) => said.split('…')[0] ?? '') }
    })
}

/**
 * Makes a call, with the ids of earlier answers where the page has `pi_…` and its like, which it adds its own to.
 * What only reads is read again until it says what it should, for what it tells of may be on its way.
 */
export async function makeCall(
  { text, says }: Call,
  ids: Map<string, string>,
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const call = text.replace(/\b([a-z]+_)…/g, (shown, prefix: string) => ids.get(prefix) ?? shown)
  assert.ok(says.length > 0 && says.every((said) => /^"\w+": \S/.test(said)), text)
  let answer = ''
  for (let tries = /\s-[dX]\s/.test(call) ? 1 : 100; tries > 0; tries -= 1) {
    answer = await runSample('sh', ['-ec', call], environment)
    if (says.every((said) => answer.includes(said))) break
    await pause(50)
  }
  for (const said of says) assert.ok(answer.includes(said), `${call}\n${said}\n${answer}`)
  for (const [, id = '', prefix = ''] of answer.matchAll(/"id": "(([a-z]+_)\w+)"/g)) ids.set(prefix, id)
  return answer
}

/** Runs a sample from the folder of the product, as its reader does. @returns what it printed */
export async function runSample(
  program: string,
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<string> {
  const child = spawn(program, args, { cwd: ROOT, env: { PATH: process.env.PATH, ...environment } })
  let out = ''
  let err = ''
  child.stdout.on('data', (chunk) => {
    out += chunk
  })
  child.stderr.on('data', (chunk) => {
    err += chunk
  })
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
  assert.equal(code, 0, err)
  return out
}
