/** What the bank says on the wire. The body is already text, so that a repeated request gets the same bytes. */
export type Answer = {
  readonly status: number
  readonly body: string
  readonly replayed?: boolean
  /** Beside those that every answer has; JSON unless they say otherwise. */
  readonly headers?: Readonly<Record<string, string>>
}

export function answerWith(status: number, value: object): Answer {
  return { status, body: JSON.stringify(value) }
}

/** Every error the bank knows, once: its HTTP status and what it means. The messages name a field, never its value. */
export const ERRORS = {
  invalid_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  request_timeout: 408,
  wrong_state: 409,
  amount_out_of_range: 409,
  reference_used: 409,
  idempotency_in_flight: 409,
  body_too_large: 413,
  unsupported_media_type: 415,
  idempotency_mismatch: 422,
  internal_error: 500,
} as const
export type ErrorCode = keyof typeof ERRORS

export function errorAnswer(code: ErrorCode, message: string, field?: string): Answer {
  return answerWith(ERRORS[code], { error: { code, message, ...(field === undefined ? {} : { field }) } })
}

/** Ends a request with an error answer; caught in one place. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
  readonly code: ErrorCode
  readonly answer: Answer
  constructor(code: ErrorCode, message: string, field?: string) {
    super(message)
    this.code = code
    this.answer = errorAnswer(code, message, field)
  }
}
