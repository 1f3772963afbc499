export type UnavailableScreen = {
  readonly kind: 'unavailable'
  readonly incident: string
  readonly nothingTaken: boolean
  readonly retryUrl?: string
  readonly returnUrl?: string
}

export type NotFoundScreen = { readonly kind: 'not_found' }
