import assert from 'node:assert/strict'
import type { BrowserContext, Request, Response } from 'playwright-core'
import { until } from '../support/until.ts'

/** What must be true of every page that a scenario opens, whatever it is about. */
export class Watch {
  readonly faults: string[] = []
  readonly requests: Request[] = []
  readonly #till: string
  readonly #hosts: readonly string[]

  constructor(context: BrowserContext, till: string, shop: string) {
    this.#till = `${till}/c/`
    this.#hosts = [new URL(till).host, new URL(shop).host]
    context.on('request', (request) => this.#onRequest(request))
    context.on('response', (response) => this.#onResponse(response))
    context.on('console', (message) => {
      if (/Content Security Policy|Trusted(Script|HTML|Type)/i.test(message.text())) this.faults.push(message.text())
    })
    context.on('weberror', (error) => void this.faults.push(String(error.error())))
  }

  /** No third party, no policy broken, no script failed, and every answer of the page marked as it must be. */
  assertClean(): void {
    assert.deepEqual(this.faults, [])
  }

  /** Waits until something like it was seen. */
  async sees(fault: RegExp): Promise<void> {
    await until(`something like ${fault} is seen`, () => this.faults.some((seen) => fault.test(seen)))
  }

  #onRequest(request: Request): void {
    this.requests.push(request)
    const { host } = new URL(request.url())
    if (!this.#hosts.includes(host)) this.faults.push(`a request to ${host}`)
  }

  #onResponse(response: Response): void {
    const url = response.url()
    if (!url.startsWith(this.#till) || url.includes('/c/assets/page-')) return
    const headers = response.headers()
    const wanted = {
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-robots-tag': 'noindex, nofollow',
    }
    for (const [name, value] of Object.entries(wanted)) {
      if (headers[name] !== value) this.faults.push(`${response.status()} without ${name}`)
    }
    if ('set-cookie' in headers) this.faults.push(`${response.status()} sets a cookie`)
    if (!headers['content-security-policy']?.startsWith("default-src 'none'")) {
      this.faults.push(`${response.status()} without a policy`)
    }
  }
}
