import type { Check } from './judge-card.ts'
import { type Brand, DECLINES, type DeclineCode, type Funding } from './test-cards.ts'

export type AuthorizationStatus = 'authorized' | 'captured' | 'voided' | 'declined'

/** The money of an authorization: captured + released <= amount, refunded <= captured. */
export type Money = {
  readonly status: AuthorizationStatus
  readonly amount: number
  readonly captured: number
  readonly released: number
  readonly refunded: number
}

export type Authorization = Money & {
  readonly id: string
  readonly reference: string
  readonly currency: string
  readonly declineCode: DeclineCode | null
  readonly brand: Brand
  readonly funding: Funding
  readonly cvcCheck: Check
  readonly postalCheck: Check
  readonly networkTransaction: string
  readonly authorizationCode: string | null
  readonly createdAt: Date
}

export type OperationKind = 'capture' | 'void' | 'refund'
export type Operation = {
  readonly id: string
  readonly kind: OperationKind
  readonly authorizationId: string
  readonly reference: string
  readonly amount: number
  readonly currency: string
  readonly status: 'succeeded'
  readonly createdAt: Date
}

export function renderAuthorization(authorization: Authorization): object {
  return {
    id: authorization.id,
    object: 'authorization',
    reference: authorization.reference,
    status: authorization.status,
    amount: authorization.amount,
    currency: authorization.currency,
    captured_amount: authorization.captured,
    released_amount: authorization.released,
    refunded_amount: authorization.refunded,
    decline: authorization.declineCode === null ? null : DECLINES[authorization.declineCode],
    network: {
      brand: authorization.brand,
      funding: authorization.funding,
      transaction_id: authorization.networkTransaction,
      authorization_code: authorization.authorizationCode,
      cvc_check: authorization.cvcCheck,
      postal_check: authorization.postalCheck,
    },
    created: authorization.createdAt.toISOString(),
  }
}

export function renderOperation(operation: Operation): object {
  return {
    id: operation.id,
    object: operation.kind,
    authorization: operation.authorizationId,
    reference: operation.reference,
    status: operation.status,
    amount: operation.amount,
    currency: operation.currency,
    created: operation.createdAt.toISOString(),
  }
}
