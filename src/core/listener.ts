import type { Tenant, Uuid } from './ids.ts'

/** What a Stripe CLI connects for: `stripe listen` hears events, `stripe logs tail` the requests of the API. */
export type ListenerFeature = 'webhooks' | 'request_logs'

/**
 * A Stripe CLI that hears of a tenant's test mode for as long as it runs: an endpoint that comes and goes. It stays known
 * for a while after its connection ended, so that it misses nothing while it connects again.
 */
export type Listener = {
  readonly tenant: Tenant
  readonly id: Uuid
  /** The API key that opened it: once the key is revoked, nobody listens by it. */
  readonly keyId: Uuid
  readonly feature: ListenerFeature
  readonly device: string
  readonly filters: LineFilters
  /** What its websocket id proves itself by. */
  readonly secret: Uint8Array
  /** The number of the last event that it has acknowledged. */
  readonly position: bigint
  /** Numbers of events that it is to hear once more. */
  readonly again: readonly bigint[]
  readonly seenAt: Date
  readonly expiresAt: Date
}

/** Devices that listen to one account at a time; the one that was silent longest makes room. */
export const MOST_LISTENERS = 20
/** How long a listener that is not connected may come back. The CLI itself connects again within ten seconds. */
export const LISTENER_LIFE_MS = 10 * 60 * 1000
/** Events that one listener is still to hear once more. */
export const MOST_AGAIN = 100

/** What of the requests is shown, under the names by which the CLI sends them. An absent list lets everything pass. */
export type LineFilters = {
  readonly filter_http_method?: readonly string[]
  readonly filter_ip_address?: readonly string[]
  readonly filter_request_path?: readonly string[]
  readonly filter_request_status?: readonly string[]
  readonly filter_source?: readonly string[]
  readonly filter_status_code?: readonly string[]
  readonly filter_status_code_type?: readonly string[]
}

/** What is told of an error: the members that an answer shows as well. */
export type LineError = {
  readonly type?: string
  readonly code?: string
  readonly decline_code?: string
  readonly charge?: string
  readonly param?: string
  readonly message?: string
}

/** One request of the API in test mode: neither body, query nor headers. */
export type RequestLine = {
  readonly tenant: Tenant
  readonly id: Uuid
  readonly requestId: string
  readonly method: string
  readonly path: string
  readonly status: number
  readonly address: string
  readonly error: LineError | null
  readonly createdAt: Date
}

export function showsLine(filters: LineFilters, line: RequestLine): boolean {
  const passes = (wanted: readonly string[] | undefined, value: string) =>
    wanted === undefined || wanted.some((one) => one.toUpperCase() === value.toUpperCase())
  return (
    passes(filters.filter_http_method, line.method) &&
    passes(filters.filter_ip_address, line.address) &&
    passes(filters.filter_request_path, line.path) &&
    passes(filters.filter_request_status, line.status < 300 ? 'SUCCEEDED' : 'FAILED') &&
    passes(filters.filter_source, 'API') &&
    passes(filters.filter_status_code, String(line.status)) &&
    // `4XX` on the command line is `400` on the wire, as version 1.52 sends it.
    passes(filters.filter_status_code_type, `${Math.floor(line.status / 100)}00`)
  )
}

/** `filters` as the CLI sends it, a JSON text. Undefined when it is not of this shape; unknown members are ignored. */
export function parseLineFilters(text: string): LineFilters | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const filters: Record<string, readonly string[]> = {}
  for (const name of FILTERS) {
    const list: unknown = (value as Readonly<Record<string, unknown>>)[name]
    if (list === undefined) continue
    if (!isTexts(list)) return undefined
    filters[name] = list
  }
  return filters
}

const FILTERS = [
  'filter_http_method',
  'filter_ip_address',
  'filter_request_path',
  'filter_request_status',
  'filter_source',
  'filter_status_code',
  'filter_status_code_type',
] as const satisfies readonly (keyof LineFilters)[]

const MOST_VALUES = 50

const isTexts = (list: unknown): list is readonly string[] =>
  Array.isArray(list) &&
  list.length <= MOST_VALUES &&
  list.every((item) => typeof item === 'string' && item.length <= 200 && !item.includes('\0'))
