// Judges the live page as a phone on slow 4G sees it: the median of some runs for four screens.
// `node scripts/lighthouse.mjs [runs]`. Not a part of the tests: figures depend on the machine and on what else it does.
import { createServer } from 'node:net'
import lighthouse from 'lighthouse'
import { chromium } from 'playwright-core'
import { pay, reach } from '../test/e2e/shopper.ts'
import { requireBrowser } from '../test/support/browser.ts'
import { startTestOpentill } from '../test/support/opentill.ts'

const runs = Number(process.argv[2] ?? 3)
let trouble
const till = await startTestOpentill(import.meta.url, { faults: async () => trouble })
const port = await freePort()
const browser = await chromium.launch({
  executablePath: requireBrowser(),
  args: ['--headless', '--no-sandbox', '--disable-gpu', `--remote-debugging-port=${port}`],
})
try {
  const screens = await prepare()
  const rows = []
  for (const [screen, url] of screens) rows.push({ screen, ...(await judge(url)) })
  console.table(rows)
} finally {
  await browser.close()
  await till.stop()
}

/** Sessions whose pages show each of the screens, whoever opens them. */
async function prepare() {
  const context = await browser.newContext({ javaScriptEnabled: false })
  const page = await context.newPage()
  const form = await open()
  const errors = await open()
  await page.goto(errors)
  await pay(page, { cardNumber: '4000000000000127' })
  await page.locator('#errors a').waitFor()
  const paid = await open()
  await page.goto(paid)
  await pay(page)
  await page.waitForURL(/paid=/)
  // An answer that never comes: the page waits for as long as the runs take.
  trouble = 'reset'
  const waiting = await open()
  await page.goto(waiting)
  await pay(page)
  await reach(page, 'confirming')
  await context.close()
  return Object.entries({ form, errors, waiting, paid })
}

async function open() {
  const price_data = { currency: 'eur', unit_amount: 2400, product_data: { name: 'The Salt Atlas' } }
  const session = await till.stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ quantity: 1, price_data }],
    success_url: `${till.storeUrl}/?paid={CHECKOUT_SESSION_ID}`,
    cancel_url: `${till.storeUrl}/bag`,
  })
  return session.url
}

async function judge(url) {
  const found = []
  const failed = new Set()
  for (let run = 0; run < runs; run++) {
    const result = await lighthouse(url, {
      port,
      output: 'json',
      logLevel: 'error',
      onlyCategories: ['performance', 'accessibility', 'best-practices'],
    })
    if (!result) throw new Error('lighthouse said nothing')
    const { categories, audits } = result.lhr
    const score = (name) => Math.round((categories[name].score ?? 0) * 100)
    found.push({
      performance: score('performance'),
      accessibility: score('accessibility'),
      'best practices': score('best-practices'),
      'LCP ms': Math.round(audits['largest-contentful-paint'].numericValue),
      'TBT ms': Math.round(audits['total-blocking-time'].numericValue),
      CLS: Number(audits['cumulative-layout-shift'].numericValue.toFixed(3)),
    })
    for (const name of ['accessibility', 'best-practices']) {
      for (const { id, weight } of categories[name].auditRefs) {
        if (weight > 0 && audits[id].score !== null && audits[id].score < 1) failed.add(id)
      }
    }
  }
  const median = (name) => found.map((row) => row[name]).sort((a, b) => a - b)[Math.floor(found.length / 2)]
  return {
    ...Object.fromEntries(Object.keys(found[0]).map((name) => [name, median(name)])),
    failed: [...failed].join(),
  }
}

/** Lighthouse wants to know the port before the browser has one. */
function freePort() {
  const server = createServer()
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const { port: free } = server.address()
      server.close(() => resolve(free))
    })
  })
}
