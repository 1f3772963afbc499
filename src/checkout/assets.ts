import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** A script with the hash that its URL and its integrity attribute carry. */
export type BuiltScript = {
  readonly script: Uint8Array
  readonly scriptIntegrity: string
  /** `page-<hash>.js`: may be cached forever. */
  readonly scriptName: string
}

/** The page's style sheet, its script, and the one of the screens on the way to the issuer and back. */
export type BuiltAssets = BuiltScript & { readonly css: string; readonly bank: BuiltScript }

const ROOM = new URL('.', import.meta.url)
const DIST = new URL('../../dist/page/', import.meta.url)

/** Builds from source where the bundler is installed, else takes what `scripts/build-page.mjs` left in `dist/page`. */
export async function buildAssets(): Promise<BuiltAssets> {
  const esbuild = await import('esbuild').catch(() => undefined)
  if (!esbuild) return readBuiltAssets()
  const entry = (file: string) =>
    esbuild.build({
      ...shared,
      bundle: true,
      format: 'esm',
      target: ['es2021', 'safari15.4'],
      entryPoints: [new URL(file, ROOM).pathname],
    })
  const shared = { write: false, minify: true, legalComments: 'none', logLevel: 'silent' } as const
  const [script, bank, style] = await Promise.all([
    entry('client/main.ts'),
    entry('client/bank.ts'),
    esbuild.build({ ...shared, target: ['safari15.4'], entryPoints: [new URL('page.css', ROOM).pathname] }),
  ])
  const bytes = script.outputFiles[0]?.contents
  const bankBytes = bank.outputFiles[0]?.contents
  const css = style.outputFiles[0]?.text
  if (!bytes || !bankBytes || css === undefined) throw new Error('the page did not build')
  return { css: css.trim(), ...describe(bytes), bank: describe(bankBytes) }
}

async function readBuiltAssets(): Promise<BuiltAssets> {
  const [css, script, bank] = await Promise.all([
    readFile(new URL('page.css', DIST), 'utf8'),
    readFile(new URL('page.js', DIST)),
    readFile(new URL('bank.js', DIST)),
  ])
  return { css, ...describe(script), bank: describe(bank) }
}

function describe(script: Uint8Array): BuiltScript {
  const digest = createHash('sha384').update(script).digest()
  return {
    script,
    scriptIntegrity: `sha384-${digest.toString('base64')}`,
    scriptName: `page-${digest.toString('hex').slice(0, 16)}.js`,
  }
}
