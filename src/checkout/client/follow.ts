import type { StateAnswer } from '../protocol.ts'
import { browser } from './browser.ts'

const PAUSES_MS = [1000, 2000, 4000]
const LONG_WAIT = 40
const STATE_TIMEOUT_MS = 10_000

/** Eager while a shopper waits; after some three minutes it is a page left open, which may go on for days. */
const pauseAfter = (asked: number): number => PAUSES_MS[asked] ?? (asked < LONG_WAIT ? 5000 : 30_000)

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
 * @returns asks now, though no more than once in each pause: whoever calls it a thousand times is not heard more often
 */
export function follow(decide: (state: StateAnswer) => boolean): () => void {
  let asked = 0
  let timer = 0
  let early = false
  let asking = false
  let done = false
  const ask = async (): Promise<void> => {
    if (asking || done || document.hidden) return
    asking = true
    browser.stop(timer)
    const state = await askState()
    asking = false
    done = state !== undefined && decide(state)
    if (!done) timer = browser.after(browser.jitter(pauseAfter(asked++)), askOnTime)
  }
  const askOnTime = (): void => {
    early = false
    void ask()
  }
  const wake = (): void => {
    if (document.hidden) return
    asked = 0
    if (!early) void ask()
    early = true
  }
  document.addEventListener('visibilitychange', wake)
  window.addEventListener('online', wake)
  timer = browser.after(browser.jitter(pauseAfter(0)), askOnTime)
  return wake
}
