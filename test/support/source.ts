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
  const specifiers = [...code.matchAll(/^\s*(?:import|export)\b[^;'"]*?from\s*['"]([^'"]+)['"]/gm)]
  const bare = [...code.matchAll(/\bimport\s*\(?\s*['"]([^'"]+)['"]/g)]
  const imports = [...specifiers, ...bare].map(([, specifier = '']) =>
    specifier.startsWith('.') ? normalize(join(dirname(path), specifier)) : specifier,
  )
  return { path, code, imports: [...new Set(imports)] }
}

/** Strings and templates are stepped over, so that the `//` of a URL starts no comment. */
function withoutComments(text: string): string {
  const parts = /'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|\/\*[\s\S]*?\*\/|(?<![\\/[])\/\/[^\n]*/g
  return text.replace(parts, (part) => (part.startsWith('/*') || part.startsWith('//') ? ' ' : part))
}
