import type { Pan } from './pan.ts'

/** A connector's request with words where the card goes. The words are `CARD_PLACEHOLDERS` of the connectors' contract. */
export type TemplateRequest = {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Readonly<Record<string, unknown>>
  readonly timeoutMs: number
}

export type FilledCard = {
  readonly pan: Pan
  readonly expMonth: number
  readonly expYear: number
  readonly code: string | undefined
}

/** The body's bytes with the card in them. A field whose value is the code's word is left out when the code is gone. */
export function fillCard(body: Readonly<Record<string, unknown>>, card: FilledCard): string {
  const words: Readonly<Record<string, string | undefined>> = {
    '{{card.number}}': card.pan.reveal(),
    '{{card.exp_month}}': String(card.expMonth),
    '{{card.exp_year}}': String(card.expYear),
    '{{card.cvc}}': card.code,
  }
  return JSON.stringify(body, (_, value: unknown) =>
    typeof value === 'string' && Object.hasOwn(words, value) ? words[value] : value,
  )
}
