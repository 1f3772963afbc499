import type { Connector } from '../connectors/contract.ts'
import { maySend } from '../core/asking.ts'
import type { Attempt } from '../core/attempt.ts'
import type { Heard } from '../core/observation.ts'
import type { Operation } from '../core/operation.ts'
import { applyEvidence } from './apply-evidence.ts'
import { connectorOf, disputeOrder, moneyOrder, orderNamed } from './charging.ts'
import type { Payments } from './pay.ts'

/**
 * Brings a committed order to its provider, or asks about it, and applies what comes back. All but an authorization is
 * sent again under its own key for as long as the provider surely honors that key, so doing this twice moves money once;
 * an authorization is never sent again.
 */
export async function driveOrder(payments: Payments, attempt: Attempt, order: Operation): Promise<Attempt> {
  const connector = connectorOf(payments.connectors, attempt.charge)
  if (!connector) return attempt
  const heard = await sendOrAsk(payments, connector, attempt, order)
  return applyEvidence(payments, attempt, { ...heard, about: order.id })
}

async function sendOrAsk(
  { env, outside }: Payments,
  connector: Connector,
  { charge }: Attempt,
  order: Operation,
): Promise<Heard> {
  const inTime = maySend(order, connector.can.horizonMs, env.now())
  const answer = inTime ? disputeOrder(charge, order) : undefined
  if (answer && connector.answerDispute) return connector.answerDispute(answer, outside)
  const sendable = inTime ? moneyOrder(charge, order) : undefined
  if (sendable) {
    switch (order.kind) {
      case 'capture':
        return connector.capture(sendable, outside)
      case 'void':
        return connector.voidAuthorization(sendable, outside)
      case 'refund':
        return connector.refund(sendable, outside)
      default:
        break
    }
  }
  return { seen: await connector.sync(orderNamed(charge), outside), sent: 'asked' }
}
