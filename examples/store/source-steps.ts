import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Html, html } from './html.ts'

export type Step = { readonly file: string; readonly title: string; readonly code: Html }

const TOKEN =
  /(\/\/.*)|('[^'\n]*'|`[^`\n]*`)|\b(async|await|case|catch|const|function|if|let|new|null|return|try|undefined)\b/g

/** The steps of a payment in this shop, cut from its running source, so what the pages show cannot go stale. */
export const STEPS = {
  create: readStep('create-checkout.ts', 'create', 'Create the session'),
  webhook: readStep('receive-webhook.ts', 'webhook', 'Verify the webhook'),
  read: readStep('read-back.ts', 'read', 'Read the session back'),
  decide: readStep('judge-session.ts', 'decide', 'Decide what is paid'),
} as const

export type StepName = keyof typeof STEPS

function readStep(file: string, region: string, title: string): Step {
  const source = readFileSync(join(import.meta.dirname, file), 'utf8')
  return { file: `examples/store/${file}`, title, code: highlight(cutRegion(source, region)) }
}

/** @throws Error when the source has no such region: better at the start than an empty box on a page */
export function cutRegion(source: string, region: string): string {
  const cut = source.split(`// #region ${region}\n`)[1]?.split(/\n *\/\/ #endregion/)[0]
  if (cut === undefined) throw new Error(`the source has no region ${region}`)
  const lines = cut.split('\n')
  const indents = lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/))
  return lines.map((line) => line.slice(Math.min(...indents))).join('\n')
}

/** Comments, texts and keywords in three colors; more would be a parser. */
export function highlight(code: string): Html {
  const parts: Html[] = []
  let end = 0
  for (const match of code.matchAll(TOKEN)) {
    const kind = match[1] ? 'comment' : match[2] ? 'text' : 'word'
    parts.push(html`${code.slice(end, match.index)}<span class="code-${kind}">${match[0]}</span>`)
    end = match.index + match[0].length
  }
  return new Html([...parts, html`${code.slice(end)}`].join(''))
}
