import { BlockList, isIP } from 'node:net'
import { isLoopbackName } from './return-urls.ts'

export type AddressVerdict =
  | 'benchmark'
  | 'documentation'
  | 'embedded'
  | 'link_local'
  | 'loopback'
  | 'metadata'
  | 'multicast'
  | 'not_an_address'
  | 'private'
  | 'public'
  | 'reserved'
  | 'scoped'
  | 'shared'
  | 'unspecified'

/**
 * IANA's special-purpose registries for IPv4 and IPv6 (RFC 6890 and its successors), read in this order. A rule for IPv4
 * also meets the mapped form `::ffff:a.b.c.d`, for a socket takes both for the same address. `embedded` are the IPv6
 * ranges that carry an IPv4 address which a gateway unpacks: NAT64, 6to4, Teredo. 168.63.129.16 is Azure's host service,
 * the one metadata address that looks public.
 */
const SPECIAL: readonly (readonly [AddressVerdict, string])[] = [
  ['metadata', '169.254.169.254/32 169.254.170.2/32 168.63.129.16/32 100.100.100.200/32 fd00:ec2::254/128'],
  ['loopback', '127.0.0.0/8 ::1/128'],
  ['unspecified', '0.0.0.0/8 ::/128'],
  ['private', '10.0.0.0/8 172.16.0.0/12 192.168.0.0/16 fc00::/7 fec0::/10'],
  ['shared', '100.64.0.0/10'],
  ['link_local', '169.254.0.0/16 fe80::/10'],
  ['documentation', '192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32 3fff::/20'],
  ['benchmark', '198.18.0.0/15 2001:2::/48'],
  ['multicast', '224.0.0.0/4 ff00::/8'],
  ['embedded', '64:ff9b::/96 64:ff9b:1::/48 2001::/32 2002::/16 ::ffff:0:0:0/96'],
  ['reserved', '192.0.0.0/24 192.88.99.0/24 240.0.0.0/4 2001::/23 ::/96 100::/64 5f00::/16'],
]
const RULES = SPECIAL.map(([verdict, ranges]) => [verdict, listOf(ranges)] as const)
/** All that is assigned as global unicast (RFC 4291 §2.4), and every IPv4 that no rule above has named. */
const ASSIGNED = listOf('2000::/3 0.0.0.0/0')

/** What an address is. An outgoing call may reach `public` only; ask for every address that a name resolves to. */
export function addressVerdict(address: string): AddressVerdict {
  const version = isIP(address)
  if (version === 0) return 'not_an_address'
  if (address.includes('%')) return 'scoped'
  const family = version === 4 ? 'ipv4' : 'ipv6'
  for (const [verdict, list] of RULES) if (list.check(address, family)) return verdict
  return ASSIGNED.check(address, family) ? 'public' : 'reserved'
}

export type WebhookUrlFault =
  | 'url_host'
  | 'url_invalid'
  | 'url_not_https'
  | 'url_port'
  | 'url_too_long'
  | 'url_userinfo'
export type WebhookUrlVerdict =
  | {
      readonly ok: true
      readonly href: string
      /** A name to resolve, or an address without brackets. */
      readonly host: string
      readonly port: number
      /** The connection goes to this very machine: the one case in which `loopback` is an allowed verdict. */
      readonly loopback: boolean
    }
  | { readonly ok: false; readonly code: WebhookUrlFault; readonly message: string }

const MAX_LENGTH = 5000
/** Names that only a local resolver answers (RFC 6761, 6762, 7686, 8375, 9476 and ICANN's `internal`). */
const LOCAL_NAME = /(?:^|\.)(?:alt|arpa|corp|home|internal|invalid|lan|local|localdomain|localhost|onion|test)$/
/** Services that a stranger's POST should not knock at: databases, caches, and what browsers avoid (Fetch, "bad port"). */
const SERVICE_PORTS: ReadonlySet<number> = new Set([
  1433, 1521, 1719, 1720, 1723, 2049, 2375, 2376, 2379, 2380, 3306, 3389, 3659, 4045, 4190, 5060, 5061, 5432, 5900,
  5984, 6000, 6379, 6443, 6566, 6665, 6666, 6667, 6668, 6669, 6697, 8086, 9042, 9092, 9200, 9300, 10080, 10250, 11211,
  27017,
])
const MESSAGES = {
  url_host: 'must name a public host',
  url_invalid: 'must be an absolute URL without spaces or backslashes, such as https://shop.example/hooks',
  url_not_https: 'must begin with https://; http:// is for localhost alone, in test mode, on a server of that machine',
  url_port: 'must use port 443 or a port from 1024 on that is not a known other service',
  url_too_long: `must be at most ${MAX_LENGTH} characters`,
  url_userinfo: 'must not contain a user name or password',
} as const satisfies Record<WebhookUrlFault, string>

/**
 * The part of the judgment that needs no resolver. WHATWG URL turns `0x7f.1`, `2130706433` and circled digits into
 * dotted IPv4 before we look. A name passes here and is judged again, by its addresses, when the call is made.
 * `allowLoopback` is for shops on a developer's machine, where the server runs too; it never applies to live mode.
 */
export function judgeWebhookUrl(
  text: unknown,
  { live, allowLoopback }: { readonly live: boolean; readonly allowLoopback: boolean },
): WebhookUrlVerdict {
  if (typeof text !== 'string') return refuse('url_invalid')
  if (text.length > MAX_LENGTH) return refuse('url_too_long')
  if (/[\p{Cc}\s\\]/u.test(text) || !text.isWellFormed()) return refuse('url_invalid')
  const url = URL.parse(text)
  if (!url || !/^[a-z]+:\/\/[^/?#]/i.test(text)) return refuse('url_invalid')
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(text)) return refuse('url_userinfo')
  const loopback = !live && allowLoopback && isLoopbackName(url.hostname)
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && loopback)) return refuse('url_not_https')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (!loopback && !isPublicHost(host)) return refuse('url_host')
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80))
  const web = port === 443 || (loopback && port === 80)
  if (!web && (port < 1024 || SERVICE_PORTS.has(port))) return refuse('url_port')
  return { ok: true, href: url.href, host, port, loopback }
}

/**
 * Whether a URL leads to one of these servers, which are our own: an event that is delivered to us would be an endless
 * conversation with ourselves. On this machine every loopback name is the same place.
 */
export function leadsTo(text: string, origins: readonly string[]): boolean {
  const url = URL.parse(text)
  if (!url) return false
  return origins.some((origin) => {
    const own = URL.parse(origin)
    if (!own || portOf(own) !== portOf(url)) return false
    return own.hostname === url.hostname || (isLoopbackName(own.hostname) && isLoopbackName(url.hostname))
  })
}

const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80')

/** A literal is judged as an address; a name has a dot inside and is not one that only a local resolver knows. */
function isPublicHost(host: string): boolean {
  if (isIP(host) !== 0) return addressVerdict(host) === 'public'
  // `localhost.` and `metadata.google.internal.` keep their dot, and TLS names have none.
  return host.length <= 253 && /^[^.]+(?:\.[^.]+)+$/.test(host) && !LOCAL_NAME.test(host)
}

function listOf(ranges: string): BlockList {
  const list = new BlockList()
  for (const range of ranges.split(' ')) {
    const [address = '', prefix] = range.split('/')
    list.addSubnet(address, Number(prefix), isIP(address) === 4 ? 'ipv4' : 'ipv6')
  }
  return list
}

function refuse(code: WebhookUrlFault): WebhookUrlVerdict {
  return { ok: false, code, message: MESSAGES[code] }
}
