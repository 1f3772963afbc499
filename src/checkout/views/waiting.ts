import { html } from '../html.ts'
import type { Messages } from '../messages.ts'
import type { Visit } from '../model.ts'
import type { ConfirmingScreen, ElsewhereScreen, ProcessingScreen } from '../screens/waiting.ts'
import type { Body } from './layout.ts'
import { paymentFacts } from './payment-facts.ts'
import { linkButton, result } from './result.ts'

/** Screen 5: the attempt is with the bank. */
export function processingView(visit: Visit, screen: ProcessingScreen, t: Messages): Body {
  const title = t('processing_title')
  return {
    width: 'narrow',
    title,
    refreshSeconds: screen.refreshSeconds,
    main: result({
      tone: 'wait',
      icon: 'spinner',
      title,
      text: [t('processing_text')],
      live: 'status',
      facts: paymentFacts(screen, visit, t),
      // The script shows it after ten seconds; without one it is there at once.
      actions: [html`<a class="button quiet" id="check-again" href="${visit.waitUrl}">${t('check_again')}</a>`],
    }),
  }
}

/** Screen 8: nobody knows yet, and the shopper must not pay again. */
export function confirmingView(visit: Visit, screen: ConfirmingScreen, t: Messages): Body {
  const title = t('confirming_title')
  return {
    width: 'narrow',
    title,
    refreshSeconds: screen.refreshSeconds,
    main: result({
      tone: 'wait',
      icon: 'clock',
      title,
      text: [html`<strong>${t('confirming_not_again')}</strong>`, t('confirming_text')],
      live: 'status',
      facts: [
        ...paymentFacts(screen, visit, t),
        [t('fact_reference'), html`<span class="reference">${screen.reference}</span>`],
      ],
      actions: [linkButton(visit.waitUrl, t('check_again'), 'quiet')],
    }),
  }
}

/** Screen 15: another window or device is paying. */
export function elsewhereView(visit: Visit, screen: ElsewhereScreen, t: Messages): Body {
  const title = t('elsewhere_title')
  return {
    width: 'narrow',
    title,
    refreshSeconds: screen.refreshSeconds,
    main: result({
      tone: 'calm',
      icon: 'windows',
      title,
      text: [t('elsewhere_text')],
      live: 'status',
      facts: paymentFacts(screen, visit, t),
    }),
  }
}
