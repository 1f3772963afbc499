/**
 * Screen 19, for when something of ours broke: needs no database, no catalog and no nonce. Its one style element is
 * allowed by hash, so the policy of this answer is a constant as well.
 */
import { createHash } from 'node:crypto'
import { escapeHtml } from '../html.ts'

const STYLE =
  ':root{color-scheme:light dark;--b:#f2f4ef;--t:#17201c;--m:#55605a}' +
  '@media(prefers-color-scheme:dark){:root{--b:#0e1311;--t:#e9efeb;--m:#a4b1aa}}' +
  'body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--b);color:var(--t);' +
  'font:1.0625rem/1.5 -apple-system,"Segoe UI",Roboto,Helvetica,Arial,sans-serif}' +
  'main{max-width:26rem;padding:2rem 1.5rem}h1{font-size:1.5rem;line-height:1.25;margin:0 0 .75rem}' +
  'p{margin:0 0 .75rem;color:var(--m)}code{color:var(--t);overflow-wrap:anywhere}'

/** @param requestId what the log line carries; nothing else about the failure is told */
export function renderUnexpected(requestId: string): string {
  const help = `<p>If you ask for help, give this number: <code>${escapeHtml(requestId)}</code></p>`
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Something went wrong on our side</title>
<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="robots" content="noindex,nofollow">
<style>${STYLE}</style></head><body><main><h1>Something went wrong on our side</h1>
<p>Before you pay again, open the payment page once more: it shows whether your payment went through.</p>${help}
</main></body></html>`
}

export const UNEXPECTED_PAGE_POLICY =
  `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; ` +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
