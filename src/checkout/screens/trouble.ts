export type UnavailableScreen = {
  readonly kind: 'unavailable'
  readonly incident: string
  readonly nothingTaken: boolean
  readonly retryUrl?: string
  readonly returnUrl?: string
}

export type NotFoundScreen = { readonly kind: 'not_found' }

/** What the page for errors without a session can say in its own words. */
export const ERROR_CODES = ['SYSTEM_ERROR', 'AUTH_ERROR', 'SESSION_FAILED'] as const
export type ErrorScreen = {
  readonly kind: 'error'
  readonly code?: (typeof ERROR_CODES)[number]
  /** Ours: whoever wrote the address cannot put it here. */
  readonly text?: string
  readonly returnUrl?: string
}
