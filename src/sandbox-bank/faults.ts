import { type Answer, answerWith } from './answer.ts'
import type { Conduct } from './test-cards.ts'

/** Where a fault can strike: before anything is booked, after the commit, just before the answer leaves. */
export type FaultPoint = 'before_book' | 'after_book' | 'before_answer'

/** What a fault may look at. Reads reach only `before_answer`. Nothing of the card is in here. */
export type FaultedRequest = {
  readonly merchant: string
  readonly method: string
  readonly route: string
  readonly reference: string | undefined
  readonly idempotencyKey: string | undefined
}

/**
 * `reset`: the connection is reset. `silence`: no answer, ever. A delay goes on afterwards; a status answers instead.
 * The others let the request go its way and spoil the answer: cut off after its first byte, sent twice, no longer JSON,
 * or with the opposite status, so that it contradicts itself.
 */
export type Fault = 'reset' | 'silence' | Spoiled | { readonly delayMs: number } | StatusFault
type StatusFault = {
  readonly status: number
  readonly retryAfterSeconds?: number
  /** The error code, where it is not that of an injected fault. */
  readonly code?: ErrorCode
}
export type Spoiled = 'reset_after_first_byte' | 'twice' | 'unreadable' | 'contradictory'

/** Consulted at every point: a test's, a test card's, the plan's of the admin API. */
export type Faults = (point: FaultPoint, request: FaultedRequest) => Promise<Fault | undefined>

/** Ends the handling of a request without, or with another than, the answer that was due. */
export class Struck extends Error {
  override readonly name = 'Struck'
  readonly end: 'reset' | 'silence' | Answer
  constructor(end: 'reset' | 'silence' | Answer) {
    super('a fault struck')
    this.end = end
  }
}

export type FaultGate = {
  /** @throws Struck when a fault ends the request here */
  pass(point: FaultPoint): Promise<void>
  /** How the answer is to be spoiled. */
  readonly spoiled: ReadonlySet<Spoiled>
}

export function faultGate(
  sources: readonly (Faults | undefined)[],
  request: FaultedRequest,
  sleep: (ms: number) => Promise<void>,
): FaultGate {
  const spoiled = new Set<Spoiled>()
  return {
    spoiled,
    async pass(point) {
      for (const faults of sources) {
        const fault = await faults?.(point, request)
        if (!fault) continue
        if (fault === 'reset' || fault === 'silence') throw new Struck(fault)
        if (typeof fault === 'string') spoiled.add(fault)
        else if ('delayMs' in fault) await sleep(fault.delayMs)
        else throw new Struck(statusAnswer(fault))
      }
    },
  }
}

function statusAnswer({ status, retryAfterSeconds, code }: StatusFault): Answer {
  const error =
    code === undefined ? { code: 'fault', message: 'An injected fault.' } : { code, message: MESSAGES[code] }
  const answer = answerWith(status, { error })
  return retryAfterSeconds === undefined ? answer : { ...answer, headers: { 'retry-after': String(retryAfterSeconds) } }
}

type ErrorCode = 'out_of_service' | 'unauthorized'
const MESSAGES: { readonly [code in ErrorCode]: string } = {
  out_of_service: 'The bank is out of service. Nothing was booked.',
  unauthorized: 'The bank does not accept this key any more.',
}

/** What a test card makes of the order that it pays. A repeated order is answered at once: it was booked before. */
export function conductFaults(conduct: Conduct | undefined): Faults | undefined {
  if (conduct === undefined) return undefined
  const { at, fault } = CONDUCTS[conduct]
  return async (point) => (point === at ? fault : undefined)
}

const CONDUCTS = {
  silent: { at: 'after_book', fault: 'silence' },
  late: { at: 'after_book', fault: { delayMs: 20_000 } },
  late_by_minutes: { at: 'before_book', fault: { delayMs: 3 * 60 * 1000 } },
  down: { at: 'before_book', fault: 'reset' },
  closed: { at: 'before_book', fault: { status: 503, code: 'out_of_service' } },
  locked: { at: 'before_book', fault: { status: 401, code: 'unauthorized' } },
} as const satisfies Record<Conduct, { at: FaultPoint; fault: Fault }>

/** The body as a fault leaves it. What is stored under the idempotency key stays as it was. */
export function spoil(answer: Answer, spoiled: ReadonlySet<Spoiled>): Answer {
  let { body } = answer
  if (spoiled.has('contradictory')) body = contradict(body)
  if (spoiled.has('unreadable')) body = body.slice(0, Math.ceil(body.length / 2))
  return { ...answer, body }
}

function contradict(body: string): string {
  const opposite: Readonly<Record<string, string>> = {
    authorized: 'declined',
    captured: 'declined',
    declined: 'captured',
    voided: 'captured',
    succeeded: 'failed',
    failed: 'succeeded',
  }
  return body.replaceAll(/"status":"([a-z_]+)"/g, (whole, status: string) =>
    opposite[status] === undefined ? whole : `"status":"${opposite[status]}"`,
  )
}
