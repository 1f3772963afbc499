import { type Answer, answerWith } from './answer.ts'

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
 * `reset`: the connection is reset. `silence`: no answer, ever. A delay goes on afterwards; a status answers
 * instead.
 */
export type Fault = 'reset' | 'silence' | { readonly delayMs: number } | { readonly status: number }

/** Consulted at every point. The seeded fault plan of the admin API will be one of these. */
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

export type FaultGate = (point: FaultPoint) => Promise<void>

/** @throws Struck when the fault ends the request here */
export function faultGate(
  faults: Faults | undefined,
  request: FaultedRequest,
  sleep: (ms: number) => Promise<void>,
): FaultGate {
  return async (point) => {
    const fault = await faults?.(point, request)
    if (!fault) return
    if (typeof fault === 'string') throw new Struck(fault)
    if ('delayMs' in fault) return sleep(fault.delayMs)
    throw new Struck(answerWith(fault.status, { error: { code: 'fault', message: 'An injected fault.' } }))
  }
}
