import { lookup, Resolver } from 'node:dns/promises'
import type { Env } from '../core/env.ts'
import { isLoopbackName } from '../core/return-urls.ts'
import type { Address } from './open-socket.ts'

export type NameResolver = {
  readonly env: Env
  /** Name servers, `address:port`; the system's unless given. */
  readonly servers?: readonly string[]
}
export type Named = {
  readonly host: string
  /** `any`: the operator vouches for the name. */
  readonly may: 'public' | 'loopback' | 'any'
}
/** All addresses of a name. Rejects when there are none, and when the signal aborts. */
export type ResolveName = (named: Named, signal: AbortSignal) => Promise<readonly Address[]>

/** The first silence of a server; each further one is waited for twice as long, until the caller has had enough. */
const TIMEOUT_MS = 1_000
const TRIES = 3
/** Where one family has answered, the other may take so much longer: some servers never answer what they do not know. */
const OTHER_FAMILY_MS = 1_000

const LOOPBACK: readonly Address[] = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
]

/**
 * Who knows a name depends on who gave it to us. A loopback name is this machine (RFC 6761, section 6.3). What the
 * operator lists is asked of the system, which knows its hosts file and search domains: the neighbor in a container's
 * network is found. All else is a stranger's, and is asked of the name servers alone: what a hosts file or a search domain
 * adds leads inside, where it may not go, and the system answers in two threads for the whole process, so that two names
 * whose servers are silent would keep everybody waiting.
 */
export function makeResolver({ env, servers }: NameResolver): ResolveName {
  return async ({ host, may }, signal) => {
    if (isLoopbackName(host)) return LOOPBACK
    return may === 'any' ? bySystem(host) : byServers(env, servers, host, signal)
  }
}

const underWay = new Map<string, Promise<readonly Address[]>>()

/** One question about a name at a time, however many want to know: it cannot be called off. */
function bySystem(host: string): Promise<readonly Address[]> {
  const asked = underWay.get(host)
  if (asked) return asked
  const asking = lookup(host, { all: true, order: 'verbatim' }).finally(() => underWay.delete(host))
  underWay.set(host, asking)
  return asking
}

/** Both families are asked, each call on sockets of its own, which are closed when it is over. */
async function byServers(
  env: Env,
  servers: readonly string[] | undefined,
  host: string,
  signal: AbortSignal,
): Promise<readonly Address[]> {
  const resolver = new Resolver({ timeout: TIMEOUT_MS, tries: TRIES })
  if (servers) resolver.setServers(servers)
  const over = new AbortController()
  const cancel = () => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const asked = [
      resolver.resolve4(host).then((all) => all.map((address) => ({ address, family: 4 }))),
      resolver.resolve6(host).then((all) => all.map((address) => ({ address, family: 6 }))),
    ]
    if (signal.aborted) cancel()
    Promise.any(asked)
      .then(() => env.sleep(OTHER_FAMILY_MS, over.signal))
      .then(cancel, () => {}) // neither family has answered, or both have
    const answers = await Promise.allSettled(asked)
    const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
    if (addresses.length === 0) throw answers.find((answer) => answer.status === 'rejected')?.reason
    return addresses
  } finally {
    over.abort()
    signal.removeEventListener('abort', cancel)
  }
}
