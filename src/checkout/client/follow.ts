import type { StateAnswer } from '../protocol.ts'
import { browser } from './browser.ts'

const PAUSES_MS = [1000, 2000, 4000, 5000]
const STATE_TIMEOUT_MS = 10_000

/** Undefined when there was no answer: a lost connection says nothing about the payment. */
export async function askState(): Promise<StateAnswer | undefined> {
  const url = document.body.dataset.state
  if (!url) return undefined
  const answer = await browser.get(url, STATE_TIMEOUT_MS).catch(() => undefined)
  return isState(answer) ? answer : undefined
}

function isState(answer: unknown): answer is StateAnswer {
  return typeof answer === 'object' && answer !== null && 'screen' in answer && typeof answer.screen === 'string'
}

/**
 * Asks again and again, with growing pauses, until `decide` answers true. A hidden page does not ask; one that is
 * shown again or comes back online asks at once.
 * @returns asks now
 */
export function follow(decide: (state: StateAnswer) => boolean): () => void {
  let asked = 0
  let timer = 0
  let asking = false
  let done = false
  const ask = async (): Promise<void> => {
    if (asking || done || document.hidden) return
    asking = true
    browser.stop(timer)
    const state = await askState()
    asking = false
    done = state !== undefined && decide(state)
    const pause = PAUSES_MS[Math.min(asked++, PAUSES_MS.length - 1)] ?? 5000
    if (!done) timer = browser.after(browser.jitter(pause), () => void ask())
  }
  const wake = (): void => void ask()
  document.addEventListener('visibilitychange', wake)
  window.addEventListener('online', wake)
  timer = browser.after(browser.jitter(PAUSES_MS[0] ?? 1000), wake)
  return wake
}
