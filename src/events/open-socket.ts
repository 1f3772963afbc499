import { isIP, type LookupFunction, connect as openTcp, type Socket } from 'node:net'
import { getCACertificates, connect as openTls } from 'node:tls'
import { HttpError } from '../core/env.ts'

export type Address = { readonly address: string; readonly family: number }
export type Place = {
  readonly url: URL
  /** A name, or an address without brackets. */
  readonly host: string
  readonly port: number
}

/** A connection to one of the judged addresses, its TLS handshake done under the host's name. No byte of ours is on it. */
export function openSocket(
  { url, host, port }: Place,
  addresses: readonly Address[],
  signal: AbortSignal,
  authority: string | undefined,
): Promise<Socket> {
  const pinned: LookupFunction = (_host, options, answer) =>
    options.all
      ? answer(
          null,
          addresses.map((one) => ({ ...one })),
        )
      : answer(null, addresses[0]?.address ?? '', addresses[0]?.family)
  const where = { host, port, lookup: pinned, autoSelectFamily: true, noDelay: true }
  return new Promise((resolve, reject) => {
    const secure = url.protocol === 'https:'
    const socket = secure
      ? openTls({
          ...where,
          ALPNProtocols: ['http/1.1'],
          ...(isIP(host) ? {} : { servername: host }),
          ...(authority === undefined ? {} : { ca: [...getCACertificates('default'), authority] }),
        })
      : openTcp(where)
    const fail = (cause: unknown) => {
      signal.removeEventListener('abort', abort)
      socket.destroy()
      reject(new HttpError(connectFault(cause), 'not_sent', { cause }))
    }
    const abort = () => fail(signal.reason)
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    socket.once('error', fail)
    socket.once(secure ? 'secureConnect' : 'connect', () => {
      signal.removeEventListener('abort', abort)
      socket.off('error', fail)
      socket.on('error', () => {}) // until the client takes it over, a reset has no other listener
      resolve(socket)
    })
  })
}

/** What the merchant may read: what happened, never which address inside answered. */
function connectFault(cause: unknown): string {
  const { code } = cause as { code?: unknown }
  if (code === 'ECONNREFUSED') return 'the connection was refused'
  if (typeof code === 'string' && /CERT|TLS|SSL|SELF_SIGNED|ISSUER/.test(code)) return 'the TLS handshake failed'
  return cause instanceof Error && cause.message === 'timed out' ? 'connecting timed out' : 'the connection failed'
}
