import { isIP } from 'node:net'
import { type Env, type HttpClient, HttpError } from '../core/env.ts'
import { addressVerdict, judgeWebhookUrl, leadsTo } from '../core/outgoing-hosts.ts'
import { exchange } from './exchange.ts'
import { type Address, openSocket } from './open-socket.ts'
import { makeResolver, type Named, type ResolveName } from './resolve-name.ts'

export type EgressPolicy = {
  /** Any host with public addresses over https: where webhooks go. */
  readonly publicHosts: boolean
  /** This very machine, by its loopback names, http included: shops under development, in test mode. */
  readonly loopback: boolean
  /**
   * What the operator vouches for, whatever it resolves to: the sandbox bank, a provider's proxy. `host:port`, or as
   * `URL.host` spells it, without the port of its scheme.
   */
  readonly allowHosts: readonly string[]
  /** Origins of our own servers, which are never called, whatever else is allowed. */
  readonly never?: readonly string[]
}
export type Egress = {
  readonly env: Env
  readonly policy: EgressPolicy
  /** Throws inside a database transaction: no network call happens there. */
  readonly assertNoTransaction: () => void
  readonly resolve?: ResolveName
  /** PEM of an authority to trust besides the system's, for hosts inside. */
  readonly authority?: string
}

const CONNECT_TIMEOUT_MS = 5_000
/** More addresses than this for one name are no service but somebody's trick. */
const MAX_ADDRESSES = 64

/**
 * The one way out. A name is resolved once, every one of its addresses is judged, and the connection goes to those very
 * addresses: a resolver that changes its mind between the check and the call gains nothing. Redirects are answers like
 * any other, nothing is decompressed, and no proxy is read from the environment.
 *
 * Each call has a connection of its own: on a kept one it could not be told whether the other side, closing it just
 * then, has seen the request, and `not_sent` would be a guess.
 */
export function createEgress({
  env,
  policy,
  assertNoTransaction,
  resolve = makeResolver({ env }),
  authority,
}: Egress): HttpClient {
  return async (request) => {
    assertNoTransaction()
    const target = judgeTarget(request.url, policy)
    const ended = new AbortController()
    const total = deadline(env, request.timeoutMs, 'timed out', ended.signal)
    try {
      const connecting = AbortSignal.any([total, deadline(env, CONNECT_TIMEOUT_MS, 'timed out', ended.signal)])
      const addresses = await addressesOf(target, resolve, connecting)
      const socket = await openSocket(target, addresses, connecting, authority)
      return await exchange(request, target.url, socket, total)
    } finally {
      ended.abort()
    }
  }
}

/** Its `host` is a name to resolve, or an address without brackets. */
type Target = Named & { readonly url: URL; readonly port: number }

function judgeTarget(text: string, policy: EgressPolicy): Target {
  const url = URL.parse(text)
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password)
    throw refused('the URL is not one to call')
  if (leadsTo(text, policy.never ?? [])) throw refused('the URL is one of this server itself')
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const host = url.hostname.replace(/^\[|\]$/g, '')
  const spellings = [url.host, `${url.hostname}:${port}`]
  if (policy.allowHosts.some((listed) => spellings.includes(listed))) return { url, host, port, may: 'any' }
  const verdict = judgeWebhookUrl(text, { live: !policy.loopback, allowLoopback: policy.loopback })
  if (!verdict.ok) throw refused(`the URL ${verdict.message}`)
  if (verdict.loopback) return { url, host, port, may: 'loopback' }
  if (policy.publicHosts) return { url, host, port, may: 'public' }
  throw refused('the host is not on the list')
}

async function addressesOf(
  { host, may }: Target,
  resolve: ResolveName,
  signal: AbortSignal,
): Promise<readonly Address[]> {
  const addresses = isIP(host)
    ? [{ address: host, family: isIP(host) }]
    : await resolved({ host, may }, resolve, signal)
  // A literal never reaches a resolver, so it is judged here like the others.
  if (may !== 'any' && addresses.some(({ address }) => addressVerdict(address) !== may)) {
    throw refused('the host has an address that is not open to calls')
  }
  return addresses
}

async function resolved(named: Named, resolve: ResolveName, signal: AbortSignal): Promise<readonly Address[]> {
  let addresses: readonly Address[]
  try {
    addresses = await beforeAbort(resolve(named, signal), signal)
  } catch (cause) {
    throw new HttpError(signal.aborted ? 'resolving the host timed out' : 'the host does not resolve', 'not_sent', {
      cause,
    })
  }
  if (addresses.length === 0) throw refused('the host has no address')
  if (addresses.length > MAX_ADDRESSES) throw refused('the host has too many addresses')
  return addresses
}

/** A signal that fires after `ms` of the world's time, unless the call ends first. */
function deadline(env: Env, ms: number, reason: string, ended: AbortSignal): AbortSignal {
  const late = new AbortController()
  env.sleep(ms, ended).then(
    () => late.abort(new Error(reason)),
    () => {}, // the call has ended
  )
  return late.signal
}

function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

const refused = (message: string): HttpError => new HttpError(message, 'not_sent')
