import type { CardRef } from '../src/core/charge.ts'
import type { Env } from '../src/core/env.ts'
import { newUuid, type Uuid } from '../src/core/ids.ts'
import type { CardDesk, ClosedCard } from '../src/flows/card-desk.ts'
import { TypedCard } from '../src/vault/typed-card.ts'
import type { Card, Provider } from './provider.ts'

/** How something in another program happens: later, or never. */
export type Happening = <T>(work: () => T) => Promise<T>

/**
 * Stands in for the vault: cards that their issuers treat in one way or another, under tokens, each of one owner, until
 * they are shredded. One that a customer keeps is not.
 */
export function makeDesk(
  cards: Provider['cards'],
  env: Env,
  nowMs: () => number,
  happen: Happening,
): Pick<CardDesk, 'tokenize' | 'keep' | 'forget'> & CardDesk {
  const notHere = (): never => {
    throw new Error('the simulated shops send no bytes')
  }
  const own = ({ token, owner }: CardRef) => {
    const row = cards.get(token)
    return row && !row.shredded && (row.owner === undefined || row.owner === owner) ? row : undefined
  }
  return {
    take: notHere,
    takeParameters: notHere,
    tokenize: (_, owner, typed) => {
      const token = newUuid(env)
      const card = typed.reveal().cardNumber as Card
      return happen(() => {
        cards.set(token, { card, putAtMs: nowMs(), owner })
        return { ok: true, token: { id: token, card: FACTS } }
      })
    },
    keep: (ref, kept) =>
      happen(() => {
        const row = own(ref)
        if (row) cards.set(ref.token, { ...row, kept, wasKept: true })
        return row !== undefined
      }),
    forget: (ref) =>
      happen(() => {
        const row = own(ref)
        if (!row || row.kept) return
        if (row.wasKept) cards.set(ref.token, { ...row, shredded: true })
        else cards.delete(ref.token)
      }),
  }
}

export const FACTS = { brand: 'visa', last4: '4242', expMonth: 12, expYear: 2034, fingerprint: 'f' } as const

/** A card in transit: what its issuer does stands where its number would. */
export const cardThat = (does: Card): ClosedCard => new TypedCard({ cardNumber: does, cardExpiry: '', cardCvc: '' })

export type StoredCard = {
  readonly card: Card
  readonly putAtMs: number
  readonly owner?: Uuid
  readonly kept?: boolean
  /** A shop may take a card from a customer at any time, also while a payment with it is on its way. */
  readonly wasKept?: boolean
  readonly shredded?: boolean
}
