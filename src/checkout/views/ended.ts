import type { Messages } from '../messages.ts'
import type { Visit } from '../model.ts'
import type { CanceledScreen, ClosedScreen, ExpiredScreen, FailedScreen } from '../screens/ended.ts'
import type { Body } from './layout.ts'
import { paymentFacts } from './payment-facts.ts'
import { linkButton, type Result, result } from './result.ts'

/** Screen 10: this payment will not happen here. */
export function failedView(visit: Visit, screen: FailedScreen, t: Messages): Body {
  const { displayName: merchant } = visit.merchant
  const why = t(screen.because === 'tries' ? 'failed_tries' : 'failed_stopped', { merchant })
  return ended(visit, screen, t, { tone: 'bad', icon: 'cross', live: 'alert', title: t('failed_title'), why })
}

/** Screen 11: the shopper pressed cancel. */
export function canceledView(visit: Visit, screen: CanceledScreen, t: Messages): Body {
  const title = t('canceled_title')
  if (!screen.resumeUrl) return ended(visit, screen, t, { tone: 'calm', icon: 'ended', title })
  const resume = linkButton(screen.resumeUrl, t('canceled_resume'), 'quiet')
  return ended(visit, screen, t, { tone: 'calm', icon: 'pause', title, why: t('canceled_resume_text'), resume })
}

/** Screen 12: the merchant ended it. */
export function closedView(visit: Visit, screen: ClosedScreen, t: Messages): Body {
  const title = t('closed_title', { merchant: visit.merchant.displayName })
  return ended(visit, screen, t, { tone: 'calm', icon: 'ended', title, why: t('closed_text') })
}

/** Screen 13: time is over. */
export function expiredView(visit: Visit, screen: ExpiredScreen, t: Messages): Body {
  const { displayName: merchant } = visit.merchant
  const why = t(screen.returnUrl ? 'expired_text_return' : 'expired_text', { merchant })
  return ended(visit, screen, t, { tone: 'calm', icon: 'clock', title: t('expired_title'), why })
}

type Ending = Pick<Result, 'tone' | 'icon' | 'live'> & {
  readonly title: string
  readonly why?: string
  /** The way back into a payment that is still open. */
  readonly resume?: ReturnType<typeof linkButton>
}

/** That nothing was taken is never said while anything is in doubt. */
function ended(
  visit: Visit,
  screen: FailedScreen | CanceledScreen | ClosedScreen | ExpiredScreen,
  t: Messages,
  { why, resume, ...looks }: Ending,
): Body {
  const { displayName: merchant } = visit.merchant
  return {
    width: 'narrow',
    title: looks.title,
    main: result({
      ...looks,
      text: [screen.nothingTaken ? t('nothing_taken') : undefined, why],
      facts: paymentFacts(screen, visit, t),
      actions: [linkButton(screen.returnUrl, t('return_to', { merchant })), resume],
    }),
  }
}
