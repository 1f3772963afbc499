import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** The page's style sheet, and its one script with the hash that its URL and its integrity attribute carry. */
export type BuiltAssets = {
  readonly css: string
  readonly script: Uint8Array
  readonly scriptIntegrity: string
  /** `page-<hash>.js`: may be cached forever. */
  readonly scriptName: string
}

const ROOM = new URL('.', import.meta.url)
const DIST = new URL('../../dist/page/', import.meta.url)

/** Builds from source where the bundler is installed, else takes what `scripts/build-page.mjs` left in `dist/page`. */
export async function buildAssets(): Promise<BuiltAssets> {
  const esbuild = await import('esbuild').catch(() => undefined)
  if (!esbuild) return readBuiltAssets()
  const shared = { write: false, minify: true, legalComments: 'none', logLevel: 'silent' } as const
  const [script, style] = await Promise.all([
    esbuild.build({
      ...shared,
      bundle: true,
      format: 'esm',
      target: ['es2021', 'safari15.4'],
      entryPoints: [new URL('client/main.ts', ROOM).pathname],
    }),
    esbuild.build({ ...shared, target: ['safari15.4'], entryPoints: [new URL('page.css', ROOM).pathname] }),
  ])
  const bytes = script.outputFiles[0]?.contents
  const css = style.outputFiles[0]?.text
  if (!bytes || css === undefined) throw new Error('the page did not build')
  return describe(css.trim(), bytes)
}

async function readBuiltAssets(): Promise<BuiltAssets> {
  const [css, script] = await Promise.all([
    readFile(new URL('page.css', DIST), 'utf8'),
    readFile(new URL('page.js', DIST)),
  ])
  return describe(css, script)
}

function describe(css: string, script: Uint8Array): BuiltAssets {
  const digest = createHash('sha384').update(script).digest()
  return {
    css,
    script,
    scriptIntegrity: `sha384-${digest.toString('base64')}`,
    scriptName: `page-${digest.toString('hex').slice(0, 16)}.js`,
  }
}
