import type { ServerResponse } from 'node:http'

export type Answer = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export function page(status: number, body: string): Answer {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' }, body }
}

export function plain(status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer {
  return { status, headers: { 'content-type': 'text/plain; charset=utf-8', ...headers }, body }
}

/** 303: whatever was asked, what follows is a GET, so a refresh sends no form again. */
export function seeOther(location: string): Answer {
  return { status: 303, headers: { location, 'cache-control': 'no-store' }, body: '' }
}

/**
 * No script runs on these pages, and nothing is loaded but the style sheet and the icon. `form-action` has to name the
 * payment page's origin too: browsers apply it to the redirect that answers the checkout form.
 * An order's address opens it, so it goes into nobody's referrer.
 */
export function sendAnswer(response: ServerResponse, { status, headers, body }: Answer, payOrigin: string): void {
  response.writeHead(status, {
    'content-security-policy': [
      "default-src 'none'",
      "style-src 'self'",
      "img-src 'self'",
      `form-action 'self' ${payOrigin}`,
      "base-uri 'none'",
      "frame-ancestors 'none'",
    ].join('; '),
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'content-length': Buffer.byteLength(body),
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? '' : body)
}
