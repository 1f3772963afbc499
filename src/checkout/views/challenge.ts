import { formatMoney } from '../format-money.ts'
import { type Html, html } from '../html.ts'
import type { MessageKey, Messages } from '../messages.ts'
import type { Visit } from '../model.ts'
import type {
  BankForm,
  ChallengeScreen,
  DeviceCheckScreen,
  HandedBackScreen,
  HandOffScreen,
  ReturnedScreen,
} from '../screens/bank.ts'
import type { Body } from './layout.ts'
import { paymentFacts } from './payment-facts.ts'
import { linkButton, result } from './result.ts'

/** Screen 6: looks like screen 5 while the issuer looks at the device in a hidden frame. Without a script it is a page. */
export function deviceCheckView(visit: Visit, screen: DeviceCheckScreen, t: Messages): Body {
  const title = t('processing_title')
  return {
    width: 'narrow',
    title,
    main: html`${result({
      tone: 'wait',
      icon: 'spinner',
      title,
      text: [t('processing_text')],
      live: 'status',
      facts: paymentFacts(screen, visit, t),
      // The script hides it, words and all.
      actions: [bankForm(screen.bank, 'device_check_open', t, html`<p>${t('device_check_text')}</p>`)],
    })}<iframe id="device-frame" class="unseen" title="${t('challenge_frame')}" tabindex="-1" aria-hidden="true" data-src="${screen.frameUrl}"></iframe><form id="go-on" method="post" action="${screen.goOnUrl}" hidden></form>`,
  }
}

/** Screen 7: the issuer's page, in a frame that the script sizes, or on its own. */
export function challengeView(visit: Visit, screen: ChallengeScreen, t: Messages): Body {
  const title = t('challenge_title')
  const { merchant } = visit
  const what = t('challenge_what', {
    amount: formatMoney(screen.amount, t.locale),
    merchant: merchant.displayName,
  })
  return {
    width: 'narrow',
    title,
    main: html`<div class="result challenge" id="challenge"><div class="head"><h1 class="result-title" id="title" tabindex="-1">${title}</h1><p dir="auto">${what}</p></div><iframe id="bank-frame" name="bank" title="${t(
      'challenge_frame',
    )}" allow="payment *; publickey-credentials-get *" hidden></iframe><div class="actions"><p id="slow" role="status" hidden>${t(
      'challenge_slow',
    )}</p>${bankForm(screen.bank, 'challenge_open', t)}<form method="post" action="${screen.abandon.action}"><input type="hidden" name="attempt" value="${screen.abandon.attempt}"><button class="button quiet" type="submit">${t(
      'challenge_another',
    )}</button></form></div></div>`,
  }
}

/** Seen for a moment, on the way back from the issuer. */
export function returnedView(visit: Visit, screen: ReturnedScreen, t: Messages): Body {
  const title = t('returned_title')
  const go = html`<a class="button strong" href="${visit.waitUrl}" target="_top">${t('returned_go')}</a>`
  return {
    width: 'narrow',
    title,
    // In a frame a browser without scripts must not load the page there: it has the button.
    ...(screen.framed ? {} : { refreshSeconds: 1 }),
    main: result({
      tone: 'wait',
      icon: 'spinner',
      title,
      text: [t('returned_text')],
      actions: [screen.framed ? go : linkButton(visit.waitUrl, t('returned_go'))],
    }),
  }
}

/** Sends the shopper to the issuer's page at once, or at a press where there is no script. */
export function handOffView(screen: HandOffScreen, t: Messages): Body {
  const title = t('challenge_title')
  const actions = [bankForm(screen.bank, 'challenge_open', t)]
  return { width: 'narrow', title, main: result({ tone: 'wait', icon: 'lock', title, actions }) }
}

export function handedBackView(screen: HandedBackScreen, t: Messages): Body {
  const title = t('returned_title')
  return {
    width: 'narrow',
    title,
    main: result({
      tone: 'wait',
      icon: 'clock',
      title,
      text: [t(screen.returnUrl ? 'returned_text' : 'returned_end')],
      actions: [linkButton(screen.returnUrl, t('returned_go'))],
    }),
  }
}

function bankForm(bank: BankForm, words: MessageKey, t: Messages, text?: Html): Html {
  const fields = Object.entries(bank.fields)
  return html`<form id="bank" method="post" action="${bank.action}">${fields.map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )}${text}<button class="button" type="submit">${t(words)}</button></form>`
}
