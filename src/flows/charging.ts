import type { ChargeOrder, Connector, DisputeOrder, MoneyOrder, OrderName } from '../connectors/contract.ts'
import type { Attempt, Means } from '../core/attempt.ts'
import type { CardRef, Charge } from '../core/charge.ts'
import { nameOf, newUuid } from '../core/ids.ts'
import type { Operation } from '../core/operation.ts'
import type { Payment } from '../core/payment.ts'
import type { ThreeDSecureWish } from '../core/three-d-secure.ts'
import type { Context } from './call.ts'

/**
 * What leaves for the provider: nothing but what the committed rows say, and where the issuer finds the shopper.
 */
export function orderFor({ payment, charge, operation }: Attempt, threeDSecure?: ThreeDSecureWish): ChargeOrder {
  const card = cardOf({ payment, charge })
  if (!card) throw new Error('a card charge without a card')
  const { billing, statementDescriptor, metadata } = charge.document
  return {
    tenant: charge.tenant,
    reference: nameOf('charge', charge.tenant, charge.id),
    key: operation.providerKey,
    amount: charge.amount,
    currency: charge.currency,
    captureNow: captures(payment),
    card,
    billing: {
      ...(billing?.name === undefined ? {} : { name: billing.name }),
      ...(billing?.address === undefined ? {} : { address: billing.address }),
    },
    ...(statementDescriptor === undefined ? {} : { statementDescriptor }),
    ...(metadata === undefined ? {} : { metadata }),
    ...(threeDSecure === undefined ? {} : { threeDSecure }),
  }
}

/** The card that an attempt pays with, as the vault knows it. */
export function cardOf({ payment, charge }: Pick<Attempt, 'payment' | 'charge'>): CardRef | undefined {
  const { tenant, tokenId: token } = charge
  const owner = charge.document.methodId ?? payment.sessionId
  return token === null || owner === null ? undefined : { tenant, owner, token }
}

/** The connector that has a charge, as long as this program has one for it. */
export const connectorOf = (connectors: readonly Connector[], { connector }: Charge): Connector | undefined =>
  connectors.find(({ id }) => id === connector)

/** How a charge is asked about: by our own name for it. */
export function orderNamed({ tenant, id, currency }: Charge): OrderName {
  return { tenant, reference: nameOf('charge', tenant, id), currency }
}

/** A capture, void or refund as it leaves. A refund goes by its own name, so that it is found again under it. */
export function moneyOrder(charge: Charge, operation: Operation): MoneyOrder | undefined {
  if (charge.providerId === null) return undefined
  return {
    charge: { ...orderNamed(charge), providerId: charge.providerId },
    reference: nameOf(operation.kind === 'refund' ? 'refund' : 'operation', operation.tenant, operation.id),
    key: operation.providerKey,
    amount: operation.amount,
  }
}

/** What the shop says to an issuer, as it leaves; undefined for every other order. */
export function disputeOrder(charge: Charge, { document, providerKey }: Operation): DisputeOrder | undefined {
  if (!document.dispute) return undefined
  const { providerId, evidence } = document.dispute
  return { charge: orderNamed(charge), providerId, key: providerKey, ...(evidence === undefined ? {} : { evidence }) }
}

/** What a decision about a charge needs of the world. */
export function meansFor({ env }: Pick<Context, 'env'>, { can }: Connector): Means {
  return { now: env.now(), newId: () => newUuid(env), provider: can }
}

/** Picks the connector for a payment. Routing over several comes later; a sandbox never serves live money. */
export function connectorFor(connectors: readonly Connector[], live: boolean): Connector | undefined {
  return connectors.find((connector) => connector.can.takesCards && (!live || connector.can.live))
}

/** Whether money is taken at once, or only held until the shop captures it. */
export const captures = (payment: Payment): boolean => payment.document.captureMethod !== 'manual'
