import { formatMoney } from '../format-money.ts'
import { html } from '../html.ts'
import type { Messages } from '../messages.ts'
import type { ConfirmingScreen, ElsewhereScreen, ProcessingScreen, Visit } from '../model.ts'
import type { Body } from './layout.ts'
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
      facts: [
        [t('fact_amount'), html`<bdi>${formatMoney(screen.amount, t.locale)}</bdi>`],
        [t('fact_merchant'), visit.merchant.displayName],
      ],
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
      text: [t('confirming_text')],
      live: 'status',
      facts: [
        [t('fact_amount'), html`<bdi>${formatMoney(screen.amount, t.locale)}</bdi>`],
        [t('fact_merchant'), visit.merchant.displayName],
        [t('fact_reference'), html`<span class="reference">${screen.reference}</span>`],
      ],
      actions: [linkButton(visit.waitUrl, t('check_again'), 'quiet')],
    }),
  }
}

/** Screen 15: another window or device is paying. */
export function elsewhereView(visit: Visit, screen: ElsewhereScreen, t: Messages): Body {
  const title = t('elsewhere_title')
  const { takeOver } = screen
  return {
    width: 'narrow',
    title,
    refreshSeconds: screen.refreshSeconds,
    main: result({
      tone: 'calm',
      icon: 'windows',
      title,
      text: [t('elsewhere_text'), takeOver && t('elsewhere_take_over_text')],
      live: 'status',
      facts: [
        [t('fact_amount'), html`<bdi>${formatMoney(screen.amount, t.locale)}</bdi>`],
        [t('fact_merchant'), visit.merchant.displayName],
      ],
      actions: [
        takeOver &&
          html`<form method="post" action="${takeOver.action}"><input type="hidden" name="attempt" value="${takeOver.attempt}"><button class="button quiet" type="submit">${t('elsewhere_take_over')}</button></form>`,
      ],
    }),
  }
}
