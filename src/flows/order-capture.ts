import type { Uuid } from '../core/ids.ts'
import { decideCapture } from '../core/orders.ts'
import type { Call } from './call.ts'
import { latestAttempt } from './latest-attempt.ts'
import type { Answer } from './once.ts'
import type { Payments } from './pay.ts'
import { placeOrder } from './place-order.ts'
import type { Result } from './refusals.ts'

/** The shop takes money that is held, whole or in part; what it leaves is released. @param amount all, unless given */
export function requestCapture(
  payments: Payments,
  call: Call,
  paymentId: Uuid,
  amount?: bigint,
): Promise<Result<Answer>> {
  return placeOrder(payments, call, {
    paymentId,
    find: () => latestAttempt(payments, call, paymentId),
    decide: (attempt, means) => decideCapture(attempt, amount, means),
  })
}
