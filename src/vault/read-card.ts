import { earliestMonth, parseCode, parseExpiry, parseNumber } from '../core/card-fields.ts'
import { Pan } from './pan.ts'

/** What was typed, by the names of the page's fields. */
export type CardFields = {
  readonly cardNumber: string
  readonly cardExpiry: string
  /** Undefined: it was left out where it may be. An empty one was forgotten. */
  readonly cardCvc: string | undefined
}

export type ReadCard =
  | {
      readonly ok: true
      readonly pan: Pan
      readonly brand: string
      readonly expMonth: number
      readonly expYear: number
      readonly code: string | undefined
    }
  | { readonly ok: false; readonly errors: Readonly<Record<string, string>> }

/** Judges all three fields, so that the shopper hears of every mistake at once. */
export function readCardFields(
  fields: CardFields,
  world: { readonly now: Date; readonly testNumbers: ReadonlySet<string>; readonly codeOptional: boolean },
): ReadCard {
  const number = parseNumber(fields.cardNumber, { testNumbers: world.testNumbers })
  const expiry = parseExpiry(fields.cardExpiry, earliestMonth(world.now))
  const code =
    fields.cardCvc === undefined && world.codeOptional
      ? ({ ok: true, value: undefined } as const)
      : parseCode(fields.cardCvc ?? '', number.ok ? number.value.digits : '')
  if (number.ok && expiry.ok && code.ok) {
    return {
      ok: true,
      pan: new Pan(number.value.digits),
      brand: number.value.brand ?? 'unknown',
      expMonth: expiry.value.month,
      expYear: expiry.value.year,
      code: code.value,
    }
  }
  return {
    ok: false,
    errors: {
      ...(number.ok ? {} : { cardNumber: number.code }),
      ...(expiry.ok ? {} : { cardExpiry: expiry.code }),
      ...(code.ok ? {} : { cardCvc: code.code }),
    },
  }
}
