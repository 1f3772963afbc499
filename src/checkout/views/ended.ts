import { formatMoney, type PageMoney } from '../format-money.ts'
import { html } from '../html.ts'
import type { Messages } from '../messages.ts'
import type { CanceledScreen, ClosedScreen, ExpiredScreen, FailedScreen, Visit } from '../model.ts'
import type { Body } from './layout.ts'
import { type Fact, linkButton, result } from './result.ts'

/** Screen 10: this payment will not happen here. */
export function failedView(visit: Visit, screen: FailedScreen, t: Messages): Body {
  const merchant = visit.merchant.displayName
  const title = t('failed_title')
  return {
    width: 'narrow',
    title,
    main: result({
      tone: 'bad',
      icon: 'cross',
      title,
      live: 'alert',
      text: [nothingTaken(screen, t), t(screen.because === 'tries' ? 'failed_tries' : 'failed_stopped', { merchant })],
      facts: whatFor(screen, visit, t),
      actions: [linkButton(screen.returnUrl, t('return_to', { merchant }))],
    }),
  }
}

/** Screen 11: the shopper pressed cancel. */
export function canceledView(visit: Visit, screen: CanceledScreen, t: Messages): Body {
  const merchant = visit.merchant.displayName
  const title = t('canceled_title')
  return {
    width: 'narrow',
    title,
    main: result({
      tone: 'calm',
      icon: screen.resumeUrl ? 'pause' : 'ended',
      title,
      text: [nothingTaken(screen, t), screen.resumeUrl && t('canceled_resume_text')],
      facts: whatFor(screen, visit, t),
      actions: [
        linkButton(screen.returnUrl, t('return_to', { merchant })),
        linkButton(screen.resumeUrl, t('canceled_resume'), 'quiet'),
      ],
    }),
  }
}

/** Screen 12: the merchant ended it. */
export function closedView(visit: Visit, screen: ClosedScreen, t: Messages): Body {
  const merchant = visit.merchant.displayName
  const title = t('closed_title', { merchant })
  return {
    width: 'narrow',
    title,
    main: result({
      tone: 'calm',
      icon: 'ended',
      title,
      text: [nothingTaken(screen, t), t('closed_text')],
      facts: whatFor(screen, visit, t),
      actions: [linkButton(screen.returnUrl, t('return_to', { merchant }))],
    }),
  }
}

/** Screen 13: time is over. */
export function expiredView(visit: Visit, screen: ExpiredScreen, t: Messages): Body {
  const merchant = visit.merchant.displayName
  const title = t('expired_title')
  return {
    width: 'narrow',
    title,
    main: result({
      tone: 'calm',
      icon: 'clock',
      title,
      text: [nothingTaken(screen, t), t(screen.returnUrl ? 'expired_text_return' : 'expired_text', { merchant })],
      facts: whatFor(screen, visit, t),
      actions: [linkButton(screen.returnUrl, t('return_to', { merchant }))],
    }),
  }
}

/** So that whoever comes back to an old tab sees what it was about. */
function whatFor({ amount }: { readonly amount: PageMoney }, visit: Visit, t: Messages): readonly Fact[] {
  return [
    [t('fact_amount'), html`<bdi>${formatMoney(amount, t.locale)}</bdi>`],
    [t('fact_merchant'), html`<span dir="auto">${visit.merchant.displayName}</span>`],
  ]
}

/** Never said while anything is in doubt. */
function nothingTaken(screen: { readonly nothingTaken: boolean }, t: Messages): string | undefined {
  return screen.nothingTaken ? t('nothing_taken') : undefined
}
