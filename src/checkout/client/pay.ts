import type { PayAnswer, StateAnswer } from '../protocol.ts'
import { browser } from './browser.ts'
import type { CardForm } from './card-form.ts'
import { askState, follow } from './follow.ts'
import { announce, byId, go } from './page.ts'
import { WAITING } from './screens.ts'

const PAY_TIMEOUT_MS = 60_000
const ASK_AGAIN_MS = 30_000

/** Sends the form without leaving the page, so that nothing typed is ever lost. One submission at a time. */
export function payInPlace(card: CardForm): void {
  const { form, words } = card
  const button = form.querySelector<HTMLButtonElement>('button.pay')
  const label = button?.querySelector('span')
  const verb = label?.textContent ?? ''
  let busy = false
  let sent = false

  const setBusy = (now: boolean): void => {
    busy = now
    // `disabled` would throw the focus away and silence a screen reader.
    if (now) button?.setAttribute('aria-disabled', 'true')
    else button?.removeAttribute('aria-disabled')
    if (label) label.textContent = now ? words.busy : verb
    announce(now ? words.busy : '')
  }

  const send = async (): Promise<void> => {
    setBusy(true)
    sent = true
    byId('notice').hidden = true
    const answer = await browser.post(form.action, form, PAY_TIMEOUT_MS).catch(() => undefined)
    if (!isAnswer(answer)) return waitForCertainty()
    if ('next' in answer) return go(answer.next)
    setBusy(false)
    sent = false
    card.attempt = answer.attempt
    card.forget('code')
    if ('errors' in answer) card.report(answer.messages, answer.title)
    else card.notify(answer.message)
  }

  /** No answer proves nothing. The form goes away until the server says what became of this attempt. */
  const waitForCertainty = (): void => {
    showChecking(true)
    let unsent = 0
    follow((state) => {
      if (WAITING.includes(state.screen)) return false
      if (!isOurs(state)) {
        go(state.next ?? document.body.dataset.wait ?? location.href)
        return true
      }
      // Seen open twice, the attempt did not arrive. Were it still on its way, the same attempt counts once.
      if (++unsent < 2) return false
      showChecking(false)
      setBusy(false)
      card.forget('code')
      card.notify(words.notice_unsent, words.notice_unsent_title)
      return true
    })
  }

  /** At its end the session gives way to the screen that says so: nobody fills in a form that leads nowhere. */
  const leaveAtExpiry = async (ms: number): Promise<void> => {
    await browser.wait(ms)
    const state = busy ? undefined : await askState()
    // The answer to an attempt under way says more than a clock, and the server's clock more than this one.
    if (busy || !state || state.screen === 'form') return leaveAtExpiry(ASK_AGAIN_MS)
    go(document.body.dataset.wait ?? location.href)
  }

  const isOurs = (state: StateAnswer): boolean => state.screen === 'form' && state.attempt === card.attempt

  describeBrowser(form)
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    if (busy) return
    if (!card.check()) return
    if (navigator.onLine) void send()
    else showOffline(true)
  })
  // A second more, so that it is over at the server too.
  void leaveAtExpiry((Number(form.dataset.left) + 1) * 1000)
  window.addEventListener('pagehide', () => {
    if (sent) card.forget('card')
  })
  window.addEventListener('pageshow', (event) => {
    if (!event.persisted) return
    void askState().then((state) => {
      if (state && (sent || !isOurs(state))) location.reload()
    })
  })
  window.addEventListener('offline', () => showOffline(true))
  window.addEventListener('online', () => showOffline(false))
  if (!navigator.onLine) showOffline(true)
}

/** What the card's issuer may ask about the shopper's machine (EMV 3-D Secure). */
function describeBrowser(form: HTMLFormElement): void {
  const input = form.querySelector<HTMLInputElement>('input[name=browser]')
  const { colorDepth, width, height } = window.screen
  if (input) input.value = [colorDepth, width, height, new Date().getTimezoneOffset()].join()
}

function showChecking(now: boolean): void {
  const checking = byId('checking')
  byId('paying').hidden = now
  checking.hidden = !now
  document.body.className = now ? 'narrow' : 'wide'
  if (now) checking.querySelector('h2')?.focus()
}

function showOffline(now: boolean): void {
  const banner = byId('offline')
  banner.hidden = !now
  announce(now ? (banner.textContent ?? '') : '')
}

function isAnswer(answer: unknown): answer is PayAnswer {
  if (typeof answer !== 'object' || answer === null) return false
  if ('next' in answer) return typeof answer.next === 'string'
  if (!('attempt' in answer) || typeof answer.attempt !== 'string') return false
  return 'messages' in answer || ('message' in answer && typeof answer.message === 'string')
}
