import { createHash } from 'node:crypto'
import { DECLINE_CODES, declineFacts } from '../core/declines.ts'
import { ERRORS, type ErrorCode, statusOf } from './errors.ts'

const CODES = (Object.keys(ERRORS) as ErrorCode[]).toSorted()
const INTRODUCTION =
  'Every error of the API is `{"error": {"type", "code", "message", "param", "doc_url", "request_id"}}`. ' +
  'The code says what happened; the message names the parameter and says what to do.'
const ABOUT_PAYMENTS =
  'What is refused about a payment that the path names comes with the payment as it is now, in `payment_intent`.'
const DECLINES_INTRODUCTION =
  'The shopper sees on the page that a card was declined, and the payment tells it in `last_payment_error`, with a ' +
  '`decline_code` where the bank gave a reason. Whoever confirms a payment through the API hears the same as an error ' +
  '402 of type `card_error`, with the payment in its `payment_intent`.'

/** What `last_payment_error` may say, by code, each with its decline codes. */
function cardErrors(): readonly { readonly code: string; readonly says: readonly string[] }[] {
  const byCode = new Map<string, string[]>()
  for (const facts of DECLINE_CODES.map(declineFacts)) {
    const says = facts.declineCode === undefined ? facts.message : `\`${facts.declineCode}\`: ${facts.message}`
    byCode.set(facts.code, [...(byCode.get(facts.code) ?? []), says])
  }
  return [...byCode]
    .map(([code, says]) => ({ code, says: [...new Set(says)] }))
    .sort((a, b) => (a.code < b.code ? -1 : 1))
}

/** `docs/errors.md`, written from the table: a test compares the two. */
export function errorsMarkdown(): string {
  const rows = CODES.map(
    (code) => `| \`${code}\` | ${statusOf({ code })} | \`${ERRORS[code].type}\` | ${ERRORS[code].about} |`,
  )
  return [
    '# Errors',
    '',
    INTRODUCTION,
    '',
    'An object that is missing is a 404 when the path names it and a 400 when a parameter does.',
    ABOUT_PAYMENTS,
    '',
    '| Code | Status | Type | What it means, and what to do |',
    '| - | - | - | - |',
    ...rows,
    '',
    '## Cards',
    '',
    DECLINES_INTRODUCTION,
    '',
    '| Code | What it means |',
    '| - | - |',
    ...cardErrors().map(({ code, says }) => `| \`${code}\` | ${says.join(' ')} |`),
    '',
  ].join('\n')
}

const STYLE =
  ':root{color-scheme:light dark}body{font:1rem/1.6 system-ui,sans-serif;max-width:44rem;margin:3rem auto;padding:0 1.25rem}' +
  'h2{font-size:1.05rem;margin:2rem 0 .25rem}h2,code{font-family:ui-monospace,monospace}h1+p{margin-bottom:2.5rem}' +
  'section h1{margin-top:4rem;font-size:1.5rem}p{margin:.25rem 0}'

/** The page's policy: nothing but its own style. */
export const ERRORS_PAGE_POLICY =
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The same as a page, with the anchors that `doc_url` points to. All of it is our own text. */
export function errorsHtml(): string {
  const section = (code: string, text: string) => `<h2 id="${code}">${code}</h2><p>${text}</p>`
  const requests = CODES.map((code) =>
    section(code, `Status ${statusOf({ code })}, ${ERRORS[code].type}. ${ERRORS[code].about}`),
  )
  const cards = cardErrors().map(({ code, says }) => section(code, says.join('<br>')))
  return plainPage(
    'Errors',
    inCode(
      `<h1>Errors</h1><p>${INTRODUCTION}</p>${requests.join('')}` +
        `<section><h1>Cards</h1><p>${DECLINES_INTRODUCTION}</p>${cards.join('')}</section>`,
    ),
  )
}

/** What stands at the bare address: shoppers cut it out of a link, and developers click it in the terminal. */
export function frontHtml(): string {
  return plainPage(
    'Opentill',
    '<h1>Opentill</h1><p>Shops take payments here. To pay, open the link that your shop gave you.</p>' +
      '<p>For developers: <a href="/c/test-cards">test cards</a> and the <a href="/docs/errors">errors</a> of the API, ' +
      'which is at <code>/v1</code> and takes a secret key.</p>',
  )
}

function plainPage(title: string, body: string): string {
  return (
    `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>` +
    `<meta name="viewport" content="width=device-width,initial-scale=1"><style>${STYLE}</style></head>` +
    `<body><main>${body}</main></body></html>`
  )
}

function inCode(text: string): string {
  return text.replace(/`([^`]+)`/g, '<code>$1</code>')
}
