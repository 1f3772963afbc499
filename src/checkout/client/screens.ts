import { browser } from './browser.ts'
import { follow } from './follow.ts'
import { announce, go } from './page.ts'

export const WAITING: readonly string[] = ['processing', 'confirming', 'elsewhere']
/** A new screen is read from its heading; while waiting, the live region speaks and the focus stays. */
const ENDED = ['paid', 'failed', 'canceled', 'closed', 'expired', 'unavailable', 'not_found']
const PATIENCE_MS = 10_000

export function enhanceScreen(): void {
  const { screen = '', wait = '' } = document.body.dataset
  if (ENDED.includes(screen)) document.getElementById('title')?.focus()
  for (const id of ['errors', 'notice']) {
    const box = document.getElementById(id)
    if (box && !box.hidden) box.focus()
  }
  if (WAITING.includes(screen)) followTo(screen, wait)
  localTimes()
  printButton()
  copyButtons()
  openSummary()
}

function followTo(screen: string, wait: string): void {
  const again = document.getElementById('check-again')
  if (again) {
    again.hidden = true
    browser.after(PATIENCE_MS, () => {
      again.hidden = false
    })
  }
  follow((state) => {
    // The other window's open form is no news to the one that waits for it.
    if (state.screen === screen || (screen === 'elsewhere' && state.screen === 'form')) return false
    go(state.next ?? wait)
    return true
  })
}

function localTimes(): void {
  for (const time of document.querySelectorAll('time')) {
    time.textContent = new Date(time.dateTime).toLocaleString(document.documentElement.lang, {
      year: 'numeric',
      month: 'short',
      day: 'numeric',
      hour: 'numeric',
      minute: '2-digit',
      timeZoneName: 'short',
    })
  }
}

function printButton(): void {
  const button = document.getElementById('print')
  if (!button) return
  button.hidden = false
  button.addEventListener('click', () => window.print())
}

function copyButtons(): void {
  // Only a secure context has a clipboard.
  if (!navigator.clipboard) return
  for (const button of document.querySelectorAll<HTMLButtonElement>('[data-copy]')) {
    button.hidden = false
    button.addEventListener('click', () => {
      void navigator.clipboard.writeText(button.dataset.copy ?? '').then(() => announce(button.dataset.copied ?? ''))
    })
  }
}

/** Where CSS cannot open the summary beside the form, the script does. */
function openSummary(): void {
  const summary = document.getElementById('summary')
  const isWide = window.matchMedia('(min-width: 45rem)').matches
  if (summary instanceof HTMLDetailsElement && isWide && !CSS.supports('selector(::details-content)'))
    summary.open = true
}
