import type { Pan } from './pan.ts'

type Part = 'number' | 'expMonth' | 'expYear' | 'cvc'

/** A connector's request and where the card goes in it: the `CardRequest` of the connectors' contract. */
export type TemplateRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  readonly places: Readonly<Record<Part, readonly string[]>>
  readonly timeoutMs: number
}

export type FilledCard = {
  readonly pan: Pan
  readonly expMonth: number
  readonly expYear: number
  readonly code: string | undefined
}

/**
 * The body's bytes with the card in them. Places are the connector's own; a marker among the values would let a shop's
 * statement text or a shopper's name ask for the number.
 */
export function fillCard({ body, places }: TemplateRequest, card: FilledCard): string {
  const filled = structuredClone(body)
  put(filled, places.number, card.pan.reveal())
  put(filled, places.expMonth, String(card.expMonth))
  put(filled, places.expYear, String(card.expYear))
  if (card.code !== undefined) put(filled, places.cvc, card.code)
  return JSON.stringify(filled)
}

/** @throws Error when the place is taken, or on no object: the connector's own mistake */
function put(body: object, place: readonly string[], value: string): void {
  const name = place.at(-1)
  const parent = place.slice(0, -1).reduce<unknown>((at, key) => isObject(at) && at[key], body)
  if (name === undefined || !isObject(parent) || Object.hasOwn(parent, name)) {
    throw new Error(`a card has no place at ${place.join('.')}`)
  }
  parent[name] = value
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
