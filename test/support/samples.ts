import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from './source.ts'

/** The fenced blocks of a page of ours in one language, as they stand there. */
export function samplesOf(page: string, language: string): readonly string[] {
  const fences = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms')
  return [...readFileSync(join(ROOT, page), 'utf8').matchAll(fences)].map(([, code = '']) => code)
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
