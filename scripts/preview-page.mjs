// Renders every screen of the hosted page for looking at: HTML files, and with --shots pictures at two widths in both
// color schemes. `node scripts/preview-page.mjs <folder> [--shots] [only]`
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { buildAssets } from '../src/checkout/assets.ts'
import { renderPage } from '../src/checkout/render-page.ts'
import { renderUnexpected } from '../src/checkout/views/unexpected.ts'
import { launchChromium } from '../test/support/chromium.ts'
import { pageModels } from '../test/support/page-models.ts'

const [folder = 'dist/preview', ...options] = process.argv.slice(2)
const shots = options.includes('--shots')
const only = options.find((option) => option !== '--shots') ?? ''

const assets = await buildAssets()
const pages = [...pageModels(assets)].map(([name, model]) => [name, renderPage(model)])
pages.push(['19-unexpected', renderUnexpected('req_8sJd03kLmQ')])
await mkdir(folder, { recursive: true })
for (const [name, page] of pages) await writeFile(join(folder, `${name}.html`), page)

if (shots) {
  const browser = await launchChromium()
  const page = await browser.newPage()
  for (const [name, markup] of pages.filter(([name]) => name.includes(only))) {
    for (const width of [390, 1280]) {
      for (const colorScheme of ['light', 'dark']) {
        await page.setViewportSize({ width, height: width === 390 ? 844 : 900 })
        await page.emulateMedia({ colorScheme })
        await page.setContent(markup)
        await page.screenshot({ path: join(folder, `${name}-${width}-${colorScheme}.png`), fullPage: true })
      }
    }
  }
  await browser.close()
}
console.log(`${pages.length} screens in ${folder}`)
