import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export type Source = {
  /** From the root of the repository, as `src/core/money.ts`. */
  readonly path: string
  /** Without comments, so that a rule may be spoken of where it holds. */
  readonly code: string
  /** What it imports: a path from the root for files of ours, else the name of the package. */
  readonly imports: readonly string[]
  /** Those of them from which it takes types only. */
  readonly typeImports: readonly string[]
}

/** The files that ship: no tests. */
export function readSources(pattern = 'src/**/*.ts'): readonly Source[] {
  return globSync(pattern, { cwd: ROOT })
    .filter((path) => !path.endsWith('.test.ts'))
    .sort()
    .map((path) => parseSource(path, readFileSync(join(ROOT, path), 'utf8')))
}

export function parseSource(path: string, text: string): Source {
  const code = withoutComments(text)
  const place = (specifier: string) =>
    specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : specifier
  const find = (pattern: RegExp) => [...code.matchAll(pattern)].map(([, specifier = '']) => place(specifier))
  const types = find(/^\s*(?:import|export) type\b[^;'"]*?from\s*['"]([^'"]+)['"]/gm)
  const values = [
    ...find(/^\s*(?:import|export)\b(?! type\b)[^;'"]*?from\s*['"]([^'"]+)['"]/gm),
    ...find(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g),
  ]
  return {
    path,
    code,
    imports: [...new Set([...types, ...values])],
    typeImports: types.filter((name) => !values.includes(name)),
  }
}

/** Strings and templates are stepped over, so that the `//` of a URL starts no comment. */
function withoutComments(text: string): string {
  const parts = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|(?<![\\/[])\/\/[^\n]*/g
  return text.replace(parts, (part) => (part.startsWith('/*') || part.startsWith('//') ? ' ' : part))
}
