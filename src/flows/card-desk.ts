import type { Uuid } from '../core/ids.ts'
import type { CardPlace } from '../vault/card-places.ts'
import type { TypedCard } from '../vault/typed-card.ts'
import type { Vault } from '../vault/vault.ts'
import { done, type Result, refuse } from './refusals.ts'

/** What flows and doors may ask of the vault: none of it gives a number back. */
export type CardDesk = Pick<Vault, 'take' | 'takeParameters' | 'tokenize' | 'keep' | 'forget'>
export type { CardPlace }
/** A card in transit that only the vault can open. */
export type ClosedCard = TypedCard

type Tokenized = Extract<Awaited<ReturnType<Vault['tokenize']>>, { readonly ok: true }>['token']

const REFUSED_AS = { cardNumber: 'invalid_number', cardExpiry: 'invalid_expiry', cardCvc: 'invalid_cvc' } as const

/** Takes a card in, or says which of its fields is wrong; never a value. */
export async function takeCard(
  cards: CardDesk,
  tenant: Parameters<Vault['tokenize']>[0],
  owner: Uuid,
  card: ClosedCard,
): Promise<Result<Tokenized>> {
  const made = await cards.tokenize(tenant, owner, card)
  if (made.ok) return done(made.token)
  for (const field of ['cardNumber', 'cardExpiry', 'cardCvc'] as const) {
    if (made.errors[field] !== undefined) return refuse(REFUSED_AS[field])
  }
  throw new Error('the vault refused a card without a reason')
}
