import type { ChargeOrder, Connector, Evidence } from '../connectors/contract.ts'
import type { CardRef } from '../core/charge.ts'
import { nameOf } from '../core/ids.ts'
import type { Payment } from '../core/payment.ts'
import type { Attempt, Fact } from '../core/settlement.ts'

/** What leaves for the provider: nothing but what the committed rows say. */
export function orderFor({ payment, charge, operation }: Attempt): ChargeOrder {
  const card = cardOf({ payment, charge })
  if (!card) throw new Error('a card charge without a card')
  const { billing, statementDescriptor } = charge.document
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
  }
}

/** The card that an attempt pays with, as the vault knows it. */
export function cardOf({ payment, charge }: Pick<Attempt, 'payment' | 'charge'>): CardRef | undefined {
  const { tenant, tokenId: token } = charge
  return token === null || payment.sessionId === null ? undefined : { tenant, sessionId: payment.sessionId, token }
}

/** A connector's evidence as a fact for core. */
export function factOf(evidence: Evidence): Fact {
  switch (evidence.is) {
    case 'authorized':
    case 'captured': {
      const { is, ...facts } = evidence
      return { event: is, ...facts }
    }
    case 'declined': {
      const { code, raw, networkCode, providerId } = evidence
      return {
        event: 'declined',
        ...(providerId === undefined ? {} : { providerId }),
        decline: {
          code,
          ...(raw === undefined ? {} : { raw }),
          ...(networkCode === undefined ? {} : { networkCode }),
        },
      }
    }
    case 'voided':
      return { event: 'voided', providerId: evidence.providerId }
    case 'waiting':
      return { event: 'waiting', ...(evidence.providerId === undefined ? {} : { providerId: evidence.providerId }) }
    case 'absent':
      // The shopper is told to try again in a minute; nothing was taken, and that is certain.
      return { event: 'absent', decline: { code: 'processing_error', raw: 'not_received' } }
    case 'lost':
      return { event: 'lost' }
  }
}

/** Picks the connector for a payment. Routing over several comes later; a sandbox never serves live money. */
export function connectorFor(connectors: readonly Connector[], live: boolean): Connector | undefined {
  return connectors.find((connector) => connector.can.takesCards && (!live || connector.can.live))
}

/** Whether money is taken at once, or only held until the shop captures it. */
export const captures = (payment: Payment): boolean => payment.document.captureMethod !== 'manual'
