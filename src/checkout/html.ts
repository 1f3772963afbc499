/** Markup that is already safe to send. Only the `html` tag makes it. */
export class Html {
  readonly #markup: string
  constructor(key: typeof ONLY_FROM_HERE, markup: string) {
    if (key !== ONLY_FROM_HERE) throw new TypeError('markup is made by the html tag')
    this.#markup = markup
  }
  toString(): string {
    return this.#markup
  }
}
const ONLY_FROM_HERE = Symbol('html')

export type HtmlValue = Html | string | number | bigint | boolean | null | undefined | readonly HtmlValue[]

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
  '`': '&#96;',
}
const URL_ATTRIBUTE = /\s(?:href|src|action|formaction)="$/
/** Schemes that run or embed what they name, in the spellings browsers forgive. */
const ACTIVE_SCHEME = /^(?:javascript|data|vbscript|blob|filesystem):/i

/**
 * Escapes every value by default; nested templates and arrays of them pass; `undefined`, `null` and booleans render
 * nothing. Attributes have to be quoted, and a URL that would run code becomes `#`.
 */
export function html(literals: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  let markup = literals[0] ?? ''
  for (const [at, value] of values.entries()) {
    const before = literals[at] ?? ''
    if (/=\s*$/.test(before)) throw new TypeError('an attribute value has to stand in double quotes')
    markup += URL_ATTRIBUTE.test(before) ? escapeHtml(safeUrl(String(value ?? ''))) : render(value)
    markup += literals[at + 1] ?? ''
  }
  return new Html(ONLY_FROM_HERE, markup)
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"'`]/g, (character) => ENTITIES[character] ?? '')
}

function safeUrl(url: string): string {
  // Browsers drop control characters and spaces before they read the scheme.
  const bare = [...url].filter((character) => character > ' ').join('')
  return ACTIVE_SCHEME.test(bare) ? '#' : url
}

function render(value: HtmlValue): string {
  if (value === undefined || value === null || typeof value === 'boolean') return ''
  if (value instanceof Html) return value.toString()
  if (typeof value === 'object') return value.map(render).join('')
  return escapeHtml(String(value))
}

/** Our own built CSS inside `<style>`: it holds no text from outside, and may not end the element early. */
export function trustedStyle(css: string): Html {
  if (/<\/?\s*style/i.test(css)) throw new TypeError('the style sheet would end its own element')
  return new Html(ONLY_FROM_HERE, css)
}
