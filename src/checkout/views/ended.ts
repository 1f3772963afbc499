import type { Messages } from '../messages.ts'
import type { CanceledScreen, ClosedScreen, ExpiredScreen, FailedScreen, Visit } from '../model.ts'
import type { Body } from './layout.ts'
import { linkButton, result } from './result.ts'

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
      icon: 'pause',
      title,
      text: [nothingTaken(screen, t), screen.resumeUrl && t('canceled_resume_text')],
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
      icon: 'pause',
      title,
      text: [nothingTaken(screen, t), t('closed_text')],
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
      text: [nothingTaken(screen, t), t('expired_text', { merchant })],
      actions: [linkButton(screen.returnUrl, t('return_to', { merchant }))],
    }),
  }
}

/** Never said while anything is in doubt. */
function nothingTaken(screen: { readonly nothingTaken: boolean }, t: Messages): string | undefined {
  return screen.nothingTaken ? t('nothing_taken') : undefined
}
