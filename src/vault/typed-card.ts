import type { CardFields } from './read-card.ts'

/** A card as it was typed, on its way from the bytes of a request into the vault. Nobody outside this room can look inside. */
export class TypedCard {
  readonly #fields: CardFields
  constructor(fields: CardFields) {
    this.#fields = fields
  }
  /** Inside the vault only. */
  reveal(): CardFields {
    return this.#fields
  }
  toString(): string {
    return 'TypedCard(…)'
  }
  toJSON(): string {
    return this.toString()
  }
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString()
  }
}

export type Intake =
  | { readonly ok: true; readonly card: TypedCard; readonly others: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly because: 'encoding' | 'repeated_field' | 'too_many_fields' }

const MAX_FIELDS = 60
/** The form's own limit for it, and too short for a card number. */
const EXPIRY_LENGTH = 9

/**
 * Reads the bytes of a posted form, before any other code sees them: the card's fields stay inside, the rest comes out.
 * The expiry comes out as well, so that a form with a mistake elsewhere can show it again.
 * @param body `application/x-www-form-urlencoded`, its size bounded by whoever read it
 */
export function takeForm(body: Uint8Array): Intake {
  const text = decodeStrictly(body)
  if (text === undefined) return { ok: false, because: 'encoding' }
  const fields = new Map<string, string>()
  for (const [name, value] of new URLSearchParams(text)) {
    if (fields.has(name)) return { ok: false, because: 'repeated_field' }
    if (fields.size === MAX_FIELDS) return { ok: false, because: 'too_many_fields' }
    fields.set(name, value)
  }
  const take = (name: keyof CardFields): string => {
    const value = fields.get(name) ?? ''
    fields.delete(name)
    return value
  }
  const card = new TypedCard({
    cardNumber: take('cardNumber'),
    cardExpiry: take('cardExpiry'),
    cardCvc: take('cardCvc'),
  })
  const { cardExpiry } = card.reveal()
  if (cardExpiry !== '' && cardExpiry.length <= EXPIRY_LENGTH) fields.set('cardExpiry', cardExpiry)
  return { ok: true, card, others: Object.fromEntries(fields) }
}

/** Undefined for bytes and escapes that are not UTF-8, which a browser never sends. */
function decodeStrictly(body: Uint8Array): string | undefined {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(body)
    for (const part of text.split(/[&=]/)) decodeURIComponent(part)
    return text
  } catch {
    return undefined
  }
}
