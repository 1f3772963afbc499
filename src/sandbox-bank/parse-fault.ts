import type { FaultPoint } from './faults.ts'
import { Fields } from './fields.ts'
import { MERCHANT } from './parse.ts'

const FAULTS = [
  'slow',
  'late',
  'executes_then_silent',
  'executes_then_reset',
  'answers_twice',
  'reset_before',
  'reset_after_first_byte',
  'status',
  'unreadable',
  'contradictory_status',
  'forgets_key',
  'out_of_order',
] as const
const POINTS: readonly FaultPoint[] = ['before_book', 'after_book', 'before_answer']

export type RuleOrder = {
  readonly merchant: string
  readonly fault: (typeof FAULTS)[number]
  /** Where it strikes instead of at its usual point. */
  readonly point: FaultPoint | undefined
  readonly match: {
    readonly method: 'GET' | 'POST' | undefined
    /** The route as the manual writes it, such as `/v1/authorizations/:id/captures`. */
    readonly path: string | undefined
    /** Whole, or its beginning followed by `*`. */
    readonly reference: string | undefined
    /** The first of the matching requests that it strikes. */
    readonly nth: number
  }
  /** How many it strikes in all. */
  readonly count: number
  readonly probability: number | undefined
  readonly seed: string
  readonly ms: number
  readonly status: number
  readonly retryAfterSeconds: number | undefined
}
export type FaultRule = RuleOrder & { readonly id: string }

const DAY_MS = 24 * 60 * 60 * 1000

/** @throws Refusal naming the first field that is wrong */
export function parseRule(body: unknown): RuleOrder {
  const fields = new Fields(body, '', [
    'merchant',
    'fault',
    'point',
    'match',
    'count',
    'probability',
    'seed',
    'ms',
    'status',
    'retry_after_seconds',
  ])
  const match = new Fields(fields.absent('match') ? {} : fields.raw('match'), 'match.', [
    'method',
    'path',
    'reference',
    'nth',
  ])
  const probability = fields.share('probability')
  return {
    merchant: fields.text('merchant', MERCHANT, 'must be a merchant id'),
    fault: fields.oneOf('fault', FAULTS),
    point: fields.optionalOneOf('point', POINTS),
    match: {
      method: match.optionalOneOf('method', ['GET', 'POST']),
      path: match.optionalText('path', /^\/[a-z0-9_/:-]{1,100}$/, 'must be a route of the bank'),
      reference: match.optionalText('reference', /^[!-~]{1,129}$/, 'must be a reference, or its beginning and *'),
      nth: match.optionalInteger('nth', 1, 1_000_000) ?? 1,
    },
    // One strike unless told otherwise; who gives a probability means every request.
    count: fields.optionalInteger('count', 1, 1_000_000) ?? (probability === undefined ? 1 : 1_000_000),
    probability,
    seed: fields.optionalText('seed', /^[!-~]{1,64}$/, 'must be 1 to 64 visible ASCII characters') ?? '0',
    ms: fields.optionalInteger('ms', 0, DAY_MS) ?? 5_000,
    status: fields.optionalInteger('status', 400, 599) ?? 500,
    retryAfterSeconds: fields.optionalInteger('retry_after_seconds', 0, 86_400),
  }
}
