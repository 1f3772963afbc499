import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type BuiltAssets, buildAssets } from '../../src/checkout/assets.ts'
import type { PageModel } from '../../src/checkout/model.ts'
import { renderPage } from '../../src/checkout/render-page.ts'
import { renderUnexpected, UNEXPECTED_PAGE_POLICY } from '../../src/checkout/views/unexpected.ts'
import { NONCE, pageModels } from './page-models.ts'

export type Posted = { readonly accept: string; readonly fields: URLSearchParams }
type Answer = { readonly status: number; readonly body: unknown } | 'broken'

/** Serves every screen under the policy that the real routes send, and answers the script as a test tells it to. */
export class PageServer {
  readonly posts: Posted[] = []
  readonly requests: string[] = []
  /** What the next POSTs and state questions are answered with; the last one stays. */
  payAnswers: Answer[] = []
  stateAnswers: Answer[] = []
  readonly #server = createServer((request, response) => void this.#answer(request, response))
  #assets: BuiltAssets | undefined
  #models: ReadonlyMap<string, PageModel> = new Map()

  async start(): Promise<void> {
    this.#assets = await buildAssets()
    this.#models = pageModels(this.#assets)
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve))
  }
  async stop(): Promise<void> {
    this.#server.closeAllConnections()
    await new Promise((resolve) => this.#server.close(resolve))
  }
  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }
  get screens(): readonly string[] {
    return [...this.#models.keys()]
  }
  url(screen: string): string {
    return `${this.origin}/screen/${screen}`
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = new URL(request.url ?? '/', this.origin).pathname
    this.requests.push(`${request.method} ${path}`)
    if (request.method === 'POST') {
      const fields = new URLSearchParams(await bodyOf(request))
      this.posts.push({ accept: request.headers.accept ?? '', fields })
      if (request.headers.accept !== 'application/json') return sendPage(response, 'posted without a script')
      return sendAnswer(response, nextOf(this.payAnswers))
    }
    if (path.endsWith('/state')) return sendAnswer(response, nextOf(this.stateAnswers))
    if (path.startsWith('/c/assets/')) {
      response.writeHead(200, { 'content-type': 'text/javascript' })
      response.end(this.#assets?.script)
      return
    }
    if (path === '/screen/19-unexpected') {
      response.writeHead(500, { 'content-type': 'text/html', 'content-security-policy': UNEXPECTED_PAGE_POLICY })
      response.end(renderUnexpected('req_1<'))
      return
    }
    const model = this.#models.get(path.replace('/screen/', ''))
    const bank = model?.screen.kind === 'challenge' ? new URL(model.screen.bank.action).origin : undefined
    sendPage(response, model ? renderPage(model) : 'another page', model ? 200 : 404, bank)
  }
}

function nextOf(answers: Answer[]): Answer {
  return (answers.length > 1 ? answers.shift() : answers[0]) ?? 'broken'
}

function sendAnswer(response: ServerResponse, answer: Answer): void {
  if (answer === 'broken') {
    response.destroy()
    return
  }
  response.writeHead(answer.status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
  response.end(JSON.stringify(answer.body))
}

function sendPage(response: ServerResponse, page: string, status = 200, bank = ''): void {
  response.writeHead(status, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      `default-src 'none'; script-src 'nonce-${NONCE}'; style-src 'nonce-${NONCE}'; img-src https: data:; ` +
      `connect-src 'self'; form-action 'self' ${bank}; frame-src 'self' ${bank}; base-uri 'none'; ` +
      "frame-ancestors 'none'; " +
      "require-trusted-types-for 'script'; trusted-types 'none'",
  })
  response.end(page)
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of request) chunks.push(chunk as Uint8Array)
  return Buffer.concat(chunks).toString('utf8')
}
