import { html } from '../html.ts'
import type { MessageKey, Messages } from '../messages.ts'
import type { Visit } from '../model.ts'
import type { ErrorScreen, UnavailableScreen } from '../screens/trouble.ts'
import type { Body } from './layout.ts'
import { linkButton, result } from './result.ts'

/** Screen 16: the same bytes for every unknown address; nothing here tells whether a session ever was. */
export function notFoundView(t: Messages): Body {
  const title = t('not_found_title')
  return {
    width: 'narrow',
    title,
    main: result({ tone: 'calm', icon: 'search', title, text: [t('not_found_text')] }),
  }
}

/** Screen 18: we or the provider cannot take payments now. */
export function unavailableView(visit: Visit | undefined, screen: UnavailableScreen, t: Messages): Body {
  const title = t('unavailable_title')
  const merchant = visit?.merchant.displayName
  return {
    width: 'narrow',
    title,
    main: result({
      tone: 'calm',
      icon: 'pause',
      title,
      live: 'alert',
      text: [screen.nothingTaken ? t('nothing_taken') : undefined, t('unavailable_text')],
      facts: [[t('incident'), html`<span class="reference">${screen.incident}</span>`]],
      actions: [
        linkButton(screen.retryUrl ?? visit?.selfUrl, t('retry')),
        merchant ? linkButton(screen.returnUrl, t('return_to', { merchant }), 'quiet') : undefined,
      ],
    }),
  }
}

const ERROR_TEXTS = {
  SYSTEM_ERROR: 'trouble_system',
  AUTH_ERROR: 'trouble_auth',
  SESSION_FAILED: 'trouble_failed',
} as const satisfies Record<NonNullable<ErrorScreen['code']>, MessageKey>

/** An error that no session can tell of. Whether money moved is not known here, so nothing is said of it. */
export function errorView({ code, text, returnUrl }: ErrorScreen, t: Messages): Body {
  const title = t('trouble_title')
  return {
    width: 'narrow',
    title,
    main: result({
      tone: 'bad',
      icon: 'cross',
      title,
      live: 'alert',
      text: [t(code ? ERROR_TEXTS[code] : 'trouble_plain'), text],
      actions: [linkButton(returnUrl, t('return_to_store'))],
    }),
  }
}
