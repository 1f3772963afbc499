import { createHash } from 'node:crypto'
import { type BankEnv, newId } from './env.ts'
import type { Fault, FaultedRequest, FaultPoint, Faults } from './faults.ts'
import type { FaultRule, RuleOrder } from './parse-fault.ts'

/** How long an order waits for another to overtake it. */
const HELD_MS = 10_000
const MOST_RULES = 1000

/** What the plan does to one request: at its points, and before its idempotency key is looked up. */
export type PlannedFaults = { readonly faults: Faults; readonly forgetsKey: boolean }

/**
 * The fault plan of the admin API, in memory. A rule counts the requests that it matches, so the same requests in the
 * same order meet the same faults; a rule with a probability draws from its seed and that count, never from chance.
 */
export class FaultPlan {
  readonly #env: BankEnv
  #rules: { readonly rule: FaultRule; matched: number; struck: number }[] = []
  readonly #overtaken = new Map<string, Set<() => void>>()

  constructor(env: BankEnv) {
    this.#env = env
  }

  /** @returns undefined when there are too many */
  add(order: RuleOrder): FaultRule | undefined {
    if (this.#rules.length >= MOST_RULES) return undefined
    const rule: FaultRule = { id: newId('rule', this.#env), ...order }
    this.#rules.push({ rule, matched: 0, struck: 0 })
    return rule
  }

  list(merchant?: string): readonly object[] {
    return this.#rules
      .filter(({ rule }) => merchant === undefined || rule.merchant === merchant)
      .map(({ rule, matched, struck }) => ({ ...rule, matched, struck }))
  }

  /** @param which all rules, those of a merchant, or one; answers how many went */
  clear(which: { readonly merchant?: string; readonly id?: string }): number {
    const before = this.#rules.length
    this.#rules = this.#rules.filter(
      ({ rule }) =>
        (which.merchant !== undefined && rule.merchant !== which.merchant) ||
        (which.id !== undefined && rule.id !== which.id),
    )
    return before - this.#rules.length
  }

  /** Counts the request once. All rules that strike it do so, in the order in which they were made. */
  meet(request: FaultedRequest): PlannedFaults {
    const struck = this.#rules.filter((counted) => {
      if (!matches(counted.rule, request)) return false
      counted.matched += 1
      const strikes = counted.struck < counted.rule.count && isChosen(counted.rule, counted.matched)
      if (strikes) counted.struck += 1
      return strikes
    })
    const rules = struck.map(({ rule }) => rule)
    return {
      forgetsKey: rules.some(({ fault }) => fault === 'forgets_key'),
      faults: async (point) => {
        if (point === 'after_book') this.#release(request.merchant)
        if (point === 'before_book' && rules.some(({ fault }) => fault === 'out_of_order'))
          await this.#waitToBeOvertaken(request.merchant)
        const due = rules.find((rule) => faultOf(rule) && pointOf(rule, request) === point)
        return due && faultOf(due)
      },
    }
  }

  async #waitToBeOvertaken(merchant: string): Promise<void> {
    const waiting = this.#overtaken.get(merchant) ?? new Set()
    this.#overtaken.set(merchant, waiting)
    const enough = new AbortController()
    const overtaken = new Promise<void>((resolve) => waiting.add(resolve))
    await Promise.race([overtaken, this.#env.sleep(HELD_MS, enough.signal).catch(() => undefined)])
    enough.abort()
  }

  #release(merchant: string): void {
    for (const go of this.#overtaken.get(merchant) ?? []) go()
    this.#overtaken.delete(merchant)
  }
}

function matches({ merchant, match }: FaultRule, request: FaultedRequest): boolean {
  if (merchant !== request.merchant) return false
  if (match.method !== undefined && match.method !== request.method) return false
  if (match.path !== undefined && match.path !== request.route) return false
  if (match.reference === undefined) return true
  if (request.reference === undefined) return false
  return match.reference.endsWith('*')
    ? request.reference.startsWith(match.reference.slice(0, -1))
    : request.reference === match.reference
}

/** @param matched 1 for the first request that the rule matched */
function isChosen({ match, probability, seed }: FaultRule, matched: number): boolean {
  if (matched < match.nth) return false
  return probability === undefined || drawOf(seed, matched) < probability
}

/** Evenly spread over 0 to 1, and always the same for the same seed and number. */
export function drawOf(seed: string, number: number): number {
  return createHash('sha256').update(`${seed} ${number}`).digest().readUInt32BE() / 2 ** 32
}

/** A read books nothing: whatever was meant for before or after that meets its answer. */
function pointOf(rule: FaultRule, request: FaultedRequest): FaultPoint {
  return request.method === 'GET' || request.route.startsWith('/acs/')
    ? 'before_answer'
    : (rule.point ?? USUAL[rule.fault])
}

const USUAL: Readonly<Record<FaultRule['fault'], FaultPoint>> = {
  slow: 'before_answer',
  late: 'before_book',
  executes_then_silent: 'after_book',
  executes_then_reset: 'after_book',
  answers_twice: 'before_answer',
  reset_before: 'before_book',
  reset_after_first_byte: 'before_answer',
  status: 'before_book',
  unreadable: 'before_answer',
  contradictory_status: 'before_answer',
  forgets_key: 'before_book',
  out_of_order: 'before_book',
}

function faultOf({ fault, ms, status, retryAfterSeconds }: FaultRule): Fault | undefined {
  switch (fault) {
    case 'slow':
    case 'late':
      return { delayMs: ms }
    case 'executes_then_silent':
      return 'silence'
    case 'executes_then_reset':
    case 'reset_before':
      return 'reset'
    case 'answers_twice':
      return 'twice'
    case 'reset_after_first_byte':
      return 'reset_after_first_byte'
    case 'status':
      return { status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }
    case 'unreadable':
      return 'unreadable'
    case 'contradictory_status':
      return 'contradictory'
    case 'forgets_key':
    case 'out_of_order':
      return undefined // These are no matter of one point.
  }
}
