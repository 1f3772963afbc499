const NAP_MS = 60_000

/**
 * The browser's own clock, chance and network, in one place. This is the shopper's machine, not ours: nothing here
 * decides about money, the server's answers do.
 */
export const browser = {
  after(ms: number, act: () => void): number {
    return window.setTimeout(act, ms)
  },
  stop(timer: number): void {
    window.clearTimeout(timer)
  },
  /** Waits as long as told, through naps of the machine, and longer than one timer can count. */
  async wait(ms: number): Promise<void> {
    const end = Date.now() + ms
    for (let left = ms; left > 0; left = end - Date.now()) {
      await new Promise<void>((resolve) => browser.after(Math.min(left, NAP_MS), resolve))
    }
  },
  /** Spreads pollers that a shared outage would otherwise line up: four to six fifths of `ms`. */
  jitter(ms: number): number {
    return ms * (0.8 + Math.random() * 0.4)
  },
  post(url: string, form: HTMLFormElement, timeoutMs: number): Promise<unknown> {
    return ask(url, timeoutMs, { method: 'POST', body: new URLSearchParams(formEntries(form)) })
  },
  get(url: string, timeoutMs: number): Promise<unknown> {
    return ask(url, timeoutMs, { cache: 'no-store' })
  },
}

/** Resolves to parsed JSON whatever the status; rejects when there is no answer or it is not JSON. */
async function ask(url: string, timeoutMs: number, init: RequestInit): Promise<unknown> {
  const giveUp = new AbortController()
  const timer = browser.after(timeoutMs, () => giveUp.abort())
  try {
    const response = await fetch(url, {
      ...init,
      credentials: 'omit',
      headers: { accept: 'application/json' },
      signal: giveUp.signal,
    })
    return await response.json()
  } finally {
    browser.stop(timer)
  }
}

function formEntries(form: HTMLFormElement): [string, string][] {
  return [...new FormData(form)].map(([name, value]) => [name, String(value)])
}
