import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { countCopies, type Shopper, shopUrl } from './bag.ts'
import { type Html, html } from './html.ts'
import { CURRENCIES, CURRENCY_CODES } from './money.ts'
import { STEPS, type StepName } from './source-steps.ts'

export const STYLE = readFileSync(join(import.meta.dirname, 'store.css'), 'utf8')
/** The address changes with the content, so browsers may keep it for good. */
export const STYLE_PATH = `/store-${createHash('sha256').update(STYLE).digest('hex').slice(0, 12)}.css`

export type Page = {
  readonly title: string
  readonly shopper: Shopper
  /** Where the currency links lead; without it there are none, for a placed order keeps its currency. */
  readonly path?: string
  readonly main: Html
  readonly steps: readonly StepName[]
}

export function renderPage({ title, shopper, path, main, steps }: Page): string {
  const copies = countCopies(shopper.bag)
  return `<!doctype html>${html`<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Small Hours Books</title>
<link rel="stylesheet" href="${STYLE_PATH}">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header class="top">
<a class="brand" href="${shopUrl('/', shopper)}">${MOON}<span>Small Hours</span></a>
${path !== undefined && renderCurrencies(path, shopper)}
<a class="bag-link" href="${shopUrl('/bag', shopper)}" aria-label="${`Bag, ${copies} ${copies === 1 ? 'book' : 'books'}`}">Bag <span class="count" data-testid="bag-count">${copies}</span></a>
</header>
<main id="main">${main}</main>
${renderBackstage(steps)}
<footer class="bottom"><p>Small Hours Books sells six books that do not exist. It is the demonstration shop of Opentill: no money moves.</p></footer>
</body>
</html>`}`
}

export const FAVICON = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#18214a"/><path d="M21 23a9.500 9.500 0 1 1 -3 -15.500a7.500 7.500 0 0 0 3 15.500z" fill="#f6c667"/></svg>`

const MOON = html`<svg class="moon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="M16.500 18.500a8 8 0 1 1 -2.500 -13a6.300 6.300 0 0 0 2.500 13z" fill="currentColor"/></svg>`

function renderCurrencies(path: string, { bag, currency }: Shopper): Html {
  const links = CURRENCY_CODES.map((code) => {
    const label = html`<abbr title="${CURRENCIES[code].name}">${code.toUpperCase()}</abbr>`
    const href = shopUrl(path, { bag, currency: code })
    return code === currency
      ? html`<li><a href="${href}" aria-current="true">${label}</a></li>`
      : html`<li><a href="${href}">${label}</a></li>`
  })
  return html`<nav class="currencies" aria-label="Currency"><ul>${links}</ul></nav>`
}

/** Numbers published for tests. None of them belongs to anybody. */
const TEST_CARDS = [
  ['4242 4242 4242 4242', 'Pays'],
  ['4000 0000 0000 0002', 'Is declined'],
  ['4000 0000 0000 9995', 'Has insufficient funds'],
  ['4000 0000 0000 0069', 'Has expired, says its bank'],
] as const

function renderBackstage(steps: readonly StepName[]): Html {
  const cards = TEST_CARDS.map(
    ([number, outcome]) => html`<tr><th scope="row" class="number">${number}</th><td>${outcome}</td></tr>`,
  )
  const codes = steps.map((name) => {
    const { title, file, code } = STEPS[name]
    return html`<details><summary>View code: ${title.toLowerCase()}</summary>
<p class="file">${file}</p>
<pre role="region" aria-label="${title}" tabindex="0"><code>${code}</code></pre></details>`
  })
  return html`<aside class="backstage" aria-labelledby="backstage">
<h2 id="backstage">Behind the counter</h2>
<p>For whoever is trying this out. Shoppers of a real shop would not see it.</p>
<details><summary>Test cards</summary>
<table><thead><tr><th scope="col">Card number</th><th scope="col">What it does</th></tr></thead><tbody>${cards}</tbody></table>
<p>With any date to come and any three digits as security code.</p></details>
${codes}
</aside>`
}
