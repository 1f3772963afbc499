import type { FastifyRequest } from 'fastify'
import { isLive, newUuid } from '../../../core/ids.ts'
import type { LineError } from '../../../core/listener.ts'
import { maskPans } from '../../../core/pan-in-text.ts'
import type { Api, ApiDeps } from '../api.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** What an error answered, for those who look at the account's requests. */
    lineError: LineError | null
  }
}

const LONGEST_PATH = 500
const LONGEST_MESSAGE = 500

/** Notes the requests of test accounts that somebody looks at: neither query, body nor headers. */
export function noteRequests(api: Api, { env, stripeCli: { tails } }: ApiDeps): void {
  const isWatched = ({ caller }: FastifyRequest) =>
    caller !== null && !isLive(caller.tenant) && tails.isWatched(caller.tenant)

  api.decorateRequest('lineError', null)
  api.addHook('onSend', async (request, reply, payload) => {
    if (reply.statusCode >= 400 && typeof payload === 'string' && isWatched(request)) {
      request.lineError = errorOf(payload)
    }
    return payload
  })
  api.addHook('onResponse', async (request, reply) => {
    const { caller } = request
    if (!caller || !isWatched(request)) return
    tails.note({
      tenant: caller.tenant,
      id: newUuid(env),
      requestId: request.id,
      method: request.method,
      path: shownPath(request.raw.url ?? ''),
      status: reply.statusCode,
      address: request.ip.slice(0, 60),
      error: request.lineError,
      createdAt: env.now(),
    })
  })
}

const SHOWN = ['type', 'code', 'decline_code', 'charge', 'param', 'message'] as const

/** The members that name an error; what hangs on it besides, a payment for example, is not told. */
function errorOf(payload: string): LineError | null {
  const { error } = JSON.parse(payload) as { readonly error?: Readonly<Record<string, unknown>> }
  if (!error) return null
  const shown = SHOWN.flatMap((name) => {
    const value = error[name]
    return typeof value === 'string' ? [[name, kept(value, LONGEST_MESSAGE)]] : []
  })
  return Object.fromEntries(shown) as LineError
}

/** The path as it was meant, without its query: what is written in escapes is masked like the rest, and so are secrets. */
export function shownPath(url: string): string {
  const path = url.split('?', 1)[0] ?? ''
  return kept(unescaped(path).replace(/_secret_[^/]*/g, '_secret_…'), LONGEST_PATH)
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch {
    // No text in any encoding: its escapes say nothing, so they are not shown.
    return path.replace(/%[0-9a-f]{0,2}/gi, '\ufffd')
  }
}

/** An answer may repeat what no database holds: a NUL, half a character. */
const kept = (text: string, longest: number): string =>
  maskPans(text).replaceAll('\0', '\ufffd').slice(0, longest).toWellFormed()
