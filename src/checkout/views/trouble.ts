import { html } from '../html.ts'
import type { Messages } from '../messages.ts'
import type { Visit } from '../model.ts'
import type { UnavailableScreen } from '../screens/trouble.ts'
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
