import { type HttpClient, HttpError } from '../../core/env.ts'
import type { ProviderCharge, ReadProviderBooks } from '../provider-books.ts'

const PAGE = 1_000
const PAGE_BYTES = 2 * 1024 * 1024
const PAGE_WITHIN_MS = 20_000

/** The sandbox bank's books over HTTP. @param bankUrl its origin, such as `http://127.0.0.1:4110` */
export function sandboxBooks(bankUrl: string, http: HttpClient): ReadProviderBooks {
  return async (tenant) => {
    const charges = new Map<string, Mutable<ProviderCharge>>()
    for (let cursor: number | null = 0; cursor !== null; ) {
      const page = await readPage(
        http,
        `${bankUrl}/v1/books?limit=${PAGE}${cursor === 0 ? '' : `&cursor=${cursor}`}`,
        tenant,
      )
      if (typeof page === 'string') return { ok: false, because: page }
      for (const entry of page.entries) book(charges, entry)
      cursor = page.next
    }
    return { ok: true, charges: [...charges.values()] }
  }
}

type Mutable<T> = { -readonly [key in keyof T]: T[key] }
type Entry = {
  readonly kind:
    | 'authorize'
    | 'capture'
    | 'release'
    | 'refund'
    | 'refund_reversal'
    | 'chargeback'
    | 'chargeback_reversal'
  readonly authorization: string
  readonly reference: string
  readonly currency: string
  readonly amount: bigint
}
type Page = { readonly entries: readonly Entry[]; readonly next: number | null }

function book(charges: Map<string, Mutable<ProviderCharge>>, entry: Entry): void {
  const { authorization: providerId, kind, amount, currency, reference } = entry
  const nothing = { authorized: 0n, captured: 0n, released: 0n, refunded: 0n, disputed: 0n }
  const charge = charges.get(providerId) ?? { providerId, reference: null, currency, ...nothing }
  charges.set(providerId, charge)
  switch (kind) {
    case 'authorize':
      charge.authorized += amount
      charge.reference = reference
      return
    case 'capture':
      charge.captured += amount
      return
    case 'release':
      charge.released += amount
      return
    case 'refund':
      charge.refunded += amount
      return
    case 'refund_reversal':
      charge.refunded -= amount
      return
    case 'chargeback':
      charge.disputed += amount
      return
    case 'chargeback_reversal':
      charge.disputed -= amount
  }
}

async function readPage(http: HttpClient, url: string, tenant: number): Promise<Page | string> {
  try {
    const headers = { authorization: `Bearer bank_t${tenant}` }
    const answer = await http({ method: 'GET', url, headers, timeoutMs: PAGE_WITHIN_MS, maxResponseBytes: PAGE_BYTES })
    if (answer.status !== 200) return `answered ${answer.status}`
    return parsePage(JSON.parse(new TextDecoder().decode(answer.body))) ?? 'sent books that cannot be read'
  } catch (error) {
    if (error instanceof HttpError) return 'does not answer'
    if (error instanceof SyntaxError) return 'sent books that cannot be read'
    throw error
  }
}

const KINDS: readonly unknown[] = [
  'authorize',
  'capture',
  'release',
  'refund',
  'refund_reversal',
  'chargeback',
  'chargeback_reversal',
]

function parsePage(body: unknown): Page | undefined {
  const { entries, next_cursor: next } = (body ?? {}) as { readonly entries?: unknown; readonly next_cursor?: unknown }
  if (!Array.isArray(entries) || (next !== null && !Number.isSafeInteger(next))) return undefined
  const parsed = entries.map(parseEntry)
  return parsed.includes(undefined) ? undefined : { entries: parsed as Entry[], next: next as number | null }
}

function parseEntry(entry: unknown): Entry | undefined {
  const { kind, authorization, reference, currency, amount } = (entry ?? {}) as Readonly<Record<string, unknown>>
  const texts = [authorization, reference, currency].every((text) => typeof text === 'string')
  if (!KINDS.includes(kind) || !texts || !Number.isSafeInteger(amount)) return undefined
  return { kind, authorization, reference, currency, amount: BigInt(amount as number) } as Entry
}
