/**
 * The outside world, injected. Nothing else in `src` reads a clock, draws a random byte or sleeps, so that a simulator
 * can own all three. Outgoing HTTP has a port of its own (`HttpClient`).
 */
export type Env = {
  /** Wall time. In production it is disciplined to the database's clock. */
  now(): Date
  /** Milliseconds that only ever grow; for durations and deadlines within one process. */
  monotonicMs(): number
  randomBytes(length: number): Uint8Array
  /** Resolves after `ms`, or rejects with the signal's reason. A library timer may end a wait, never decide about money. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

/** One outgoing HTTP call. `main` gives each room a client that may reach just the hosts that room needs. */
export type HttpRequest = {
  readonly method: 'GET' | 'POST' | 'DELETE'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array
  readonly timeoutMs: number
  /** More bytes than this in the answer end the call with `HttpError` `unknown`. */
  readonly maxResponseBytes: number
}
export type HttpResponse = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}
export type HttpClient = (request: HttpRequest) => Promise<HttpResponse>

/** The call failed without a complete answer. */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  /** `not_sent`: no byte left, safe to send again. `unknown`: the other side may have acted, ask before any retry. */
  readonly outcome: 'not_sent' | 'unknown'
  constructor(message: string, outcome: 'not_sent' | 'unknown', options?: ErrorOptions) {
    super(message, options)
    this.outcome = outcome
  }
}
