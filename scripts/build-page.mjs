// Writes the hosted page's built style sheet and script to dist/page, for installations without the bundler.
import { mkdir, writeFile } from 'node:fs/promises'
import { buildAssets } from '../src/checkout/assets.ts'

const { css, script, scriptName, bank } = await buildAssets()
const target = new URL('../dist/page/', import.meta.url)
await mkdir(target, { recursive: true })
await writeFile(new URL('page.css', target), css)
await writeFile(new URL('page.js', target), script)
await writeFile(new URL('bank.js', target), bank.script)
console.log(`dist/page: page.css ${css.length} bytes, page.js ${script.length} bytes (served as ${scriptName})`)
