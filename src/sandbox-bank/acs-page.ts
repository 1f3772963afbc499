import { ACS_STYLE } from './acs-style.ts'
import type { Answer } from './answer.ts'
import { formatAmount } from './format-amount.ts'
import { CHALLENGE_CODE } from './test-cards.ts'

/** What the cardholder may see: never the number. */
export type AcsView = {
  readonly state: 'method' | 'challenge' | 'ended'
  readonly ending: string
  readonly merchant: string
  readonly reference: string
  readonly amount: number
  readonly currency: string
  readonly last4: string
  readonly wrongCodes: number
  readonly returnUrl: string
  readonly transactionId: string
  readonly returnsTwice: boolean
}

export function acsPage(view: AcsView, nonce: string): Answer {
  switch (view.state) {
    case 'method':
      return page(200, 'Checking your device', devicePart(nonce), nonce, { formAction: "'self'" })
    case 'challenge': {
      const title = view.wrongCodes > 0 ? 'Wrong code: confirm your payment' : 'Confirm your payment'
      return page(200, title, challengePart(view), nonce, { formAction: "'self'" })
    }
    case 'ended': {
      const { origin } = new URL(view.returnUrl)
      return page(200, 'Back to the shop', endPart(view, nonce), nonce, {
        formAction: origin,
        ...(view.returnsTwice ? { frame: origin } : {}),
      })
    }
  }
}

export function missingPage(nonce: string): Answer {
  const part = '<h1>There is nothing to confirm here</h1><p>Go back to the shop and start the payment again.</p>'
  return page(404, 'Nothing to confirm', part, nonce, { formAction: "'none'" })
}

/** For a hidden frame: it says by itself that the device was looked at. */
export function methodPage(nonce: string): Answer {
  const part = `<form method="post"><button>Go on</button></form><script nonce="${nonce}">document.forms[0].submit()</script>`
  return page(200, 'Checking your device', part, nonce, { formAction: "'self'" })
}

/** Tells the page around the frame, which is told nothing but that it may go on. */
export function methodDonePage(parentOrigin: string, nonce: string): Answer {
  const message = JSON.stringify({ type: 'three_d_secure_method', done: true })
  const script = `parent.postMessage(${message}, ${JSON.stringify(parentOrigin).replaceAll('<', '\\u003c')})`
  return page(200, 'Device checked', `<p>Done.</p><script nonce="${nonce}">${script}</script>`, nonce, {
    formAction: "'none'",
  })
}

function devicePart(nonce: string): string {
  return `<h1>Checking your device</h1><p>Your bank looks at your device before it decides.</p>
<form method="post"><button name="go_on" value="1">Continue</button></form>
<script nonce="${nonce}">document.querySelector('button').click()</script>`
}

function challengePart(view: AcsView): string {
  const left = 3 - view.wrongCodes
  const wrong = view.wrongCodes > 0
  const alert = `<p class="alert" role="alert" id="wrong">That code is not right. ${left === 1 ? 'One try is' : `${left} tries are`} left.</p>`
  return `<h1>Confirm your payment</h1>
<dl><div class="sum"><dt>Amount</dt><dd>${escapeHtml(formatAmount(view.amount, view.currency))}</dd></div>
<div><dt>Paid to</dt><dd>${escapeHtml(view.merchant)}</dd></div>
<div><dt>Reference</dt><dd class="reference">${escapeHtml(view.reference)}</dd></div>
<div><dt>Card</dt><dd><span aria-hidden="true">••••</span><span class="unseen">ending in</span> ${escapeHtml(view.last4)}</dd></div></dl>
<form method="post" autocomplete="on">${wrong ? alert : ''}
<input type="hidden" name="attempt" value="${view.wrongCodes}">
<label for="code">One-time code</label>
<input id="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="24" required${wrong ? ' autofocus aria-invalid="true"' : ''} aria-describedby="hint${wrong ? ' wrong' : ''}">
<p class="hint" id="hint">This bank sends no message: the code is ${CHALLENGE_CODE}.</p>
<div class="acts"><button>Confirm payment</button>
<button class="quiet" name="cancel" value="1" formnovalidate>Cancel</button></div></form>`
}

const ENDINGS: Readonly<Record<string, readonly [title: string, text: string]>> = {
  authenticated: ['Thank you', 'Your bank knows that it was you.'],
  rejected: ['Not confirmed', 'The code was not right. Your bank could not confirm that it was you.'],
  canceled: ['Canceled', 'You did not confirm the payment.'],
  abandoned: ['Time is up', 'The payment was not confirmed in time.'],
}

function endPart(view: AcsView, nonce: string): string {
  const [title, text] = ENDINGS[view.ending] ?? ['Not confirmed', 'Your bank could not confirm that it was you.']
  const back = escapeHtml(view.returnUrl)
  const twice = view.returnsTwice
    ? `<iframe name="first" title="The first return" hidden></iframe>
<noscript><iframe src="${back}" title="The first return" hidden></iframe></noscript>`
    : ''
  return `<h1>${title}</h1><p>${text} The shop shows how the payment goes on.</p>
<form method="post" action="${back}"><input type="hidden" name="three_d_secure_transaction" value="${escapeHtml(view.transactionId)}"><button>Continue</button></form>${twice}
<script nonce="${nonce}">${view.returnsTwice ? RETURN_TWICE : 'document.forms[0].submit()'}</script>`
}

const RETURN_TWICE = `const form = document.forms[0], frame = document.querySelector('iframe')
form.target = 'first'
form.submit()
frame.addEventListener('load', () => { form.target = ''; form.submit() }, { once: true })`

type Allowed = { readonly formAction: string; readonly frame?: string }

/** Any shop may frame these pages, as 3-D Secure wants it; all that they can do is end this one challenge. */
function page(status: number, title: string, part: string, nonce: string, allowed: Allowed): Answer {
  const policy = [
    "default-src 'none'",
    `style-src 'nonce-${nonce}'`,
    `script-src 'nonce-${nonce}'`,
    `form-action ${allowed.formAction}`,
    ...(allowed.frame ? [`frame-src ${allowed.frame}`] : []),
    "base-uri 'none'",
    'frame-ancestors http: https:',
  ]
  const body = `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} – Sandbox bank</title><style nonce="${nonce}">${ACS_STYLE}</style></head>
<body><header><span>Sandbox bank</span><span class="test">Test, no real money</span></header><main>${part}</main></body></html>`
  return {
    status,
    body,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': policy.join('; '),
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-robots-tag': 'noindex, nofollow',
    },
  }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => ENTITIES[character] ?? '')
}
