import type { AuthenticationRule, Brand } from './test-cards.ts'

export type AuthenticationResult = 'authenticated' | 'attempt_acknowledged' | 'failed' | 'processing_error'
export type AuthenticationFlow = 'challenge' | 'frictionless'

/** How an authentication ended. The reason is there when it did not succeed. */
export type Ending = {
  readonly result: AuthenticationResult
  readonly reason: 'rejected' | 'canceled' | 'abandoned' | 'card_not_enrolled' | 'issuer_unavailable' | null
  readonly flow: AuthenticationFlow
}

/** One 3-D Secure authentication as the books keep it. `method` and `challenge` wait for the cardholder's browser. */
export type Authentication = {
  readonly id: string
  readonly state: 'method' | 'challenge' | 'ended'
  readonly request: Asked['request']
  /** Whether the money is captured as soon as the cardholder is authenticated. */
  readonly capture: boolean
  readonly returnUrl: string
  readonly transactionId: string
  readonly methodDone: boolean
  readonly wrongCodes: number
  readonly flow: AuthenticationFlow | null
  readonly result: AuthenticationResult | null
  readonly reason: string | null
  readonly eci: string | null
  readonly expiresAt: Date
}

/** What the merchant asks for. */
export type Asked = { readonly request: 'automatic' | 'any' | 'challenge'; readonly stored: boolean }

export type AuthenticationDecision =
  /** No authentication takes place: none was asked for, or an exemption holds. */
  | { readonly is: 'none' }
  | { readonly is: 'required' }
  | { readonly is: 'ended'; readonly ending: Ending }
  | { readonly is: 'waits'; readonly state: 'method' | 'challenge' }

/** Windows that a challenge may be shown in (EMV 3-D Secure 2.2.0, challengeWindowSize); 05 is the whole screen. */
export const WINDOW_SIZES = [
  { size: '01', width: 250, height: 400 },
  { size: '02', width: 390, height: 400 },
  { size: '03', width: 500, height: 600 },
  { size: '04', width: 600, height: 400 },
  { size: '05' },
] as const

/**
 * What the issuer's access control server makes of an order.
 * @param asked undefined: the order says nothing of 3-D Secure
 * @param hasBrowser a device is checked only when the order describes the browser that it will be checked in
 */
export function decideAuthentication(
  rule: AuthenticationRule | undefined,
  asked: Asked | undefined,
  hasBrowser: boolean,
): AuthenticationDecision {
  if (!asked) return rule?.required ? { is: 'required' } : { is: 'none' }
  if (!rule) return asked.request === 'automatic' ? { is: 'none' } : { is: 'ended', ending: NOT_ENROLLED }
  if (rule.unlessStored && asked.stored && asked.request === 'automatic') return { is: 'none' }
  if (rule.method && hasBrowser) return { is: 'waits', state: 'method' }
  return decideAfterMethod(rule, asked.request)
}

/** Once the device was checked, or the cardholder's browser came without it. */
export function decideAfterMethod(rule: AuthenticationRule, request: Asked['request']): AuthenticationDecision {
  switch (rule.flow) {
    case 'challenge':
      return { is: 'waits', state: 'challenge' }
    case 'frictionless':
      return request === 'automatic' ? { is: 'ended', ending: PASSED } : { is: 'waits', state: 'challenge' }
    case 'fails':
      return { is: 'ended', ending: { result: 'failed', reason: 'rejected', flow: 'frictionless' } }
    case 'unavailable':
      return { is: 'ended', ending: { result: 'processing_error', reason: 'issuer_unavailable', flow: 'frictionless' } }
  }
}

const PASSED: Ending = { result: 'authenticated', reason: null, flow: 'frictionless' }
const NOT_ENROLLED: Ending = { result: 'attempt_acknowledged', reason: 'card_not_enrolled', flow: 'frictionless' }

/** The electronic commerce indicator, as Mastercard counts it and as everyone else does. */
export function eciOf(brand: Brand, result: AuthenticationResult): string {
  const place = result === 'authenticated' ? 0 : result === 'attempt_acknowledged' ? 1 : 2
  return (brand === 'mastercard' ? ['02', '01', '00'] : ['05', '06', '07'])[place] ?? '07'
}

export function renderThreeDSecure({ result, reason, eci, flow, transactionId }: Authentication): object | null {
  if (result === null) return null
  return { version: '2.2.0', result, result_reason: reason, eci, flow, transaction_id: transactionId }
}

/**
 * What the cardholder's browser has to do. `url` leads to the end whatever comes; `method_url` is for a hidden frame, and
 * `post` are the fields for those who send the browser there by POST, as EMV 3-D Secure does.
 * @param origin of the bank, as browsers reach it
 */
export function renderAction(authentication: Authentication, origin: string): object | null {
  const { id, state, transactionId, expiresAt } = authentication
  if (state === 'ended') return null
  const request = { messageType: 'CReq', messageVersion: '2.2.0', acsTransID: transactionId, challengeWindowSize: '05' }
  return {
    type: state,
    url: `${origin}/acs/challenge/${id}`,
    ...(state === 'method' ? { method_url: `${origin}/acs/method/${id}` } : {}),
    post: { creq: Buffer.from(JSON.stringify(request)).toString('base64url') },
    window_sizes: WINDOW_SIZES,
    transaction_id: transactionId,
    expires: expiresAt.toISOString(),
  }
}
