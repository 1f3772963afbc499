import { parseForm } from '../core/form.ts'
import { parseJson } from '../core/json.ts'
import { asObject, type Parameter, type ParameterObject, type ParsedParameters } from '../core/parameters.ts'
import { TypedCard } from './typed-card.ts'

export type ParameterIntake = {
  /** What was sent, without the card's code; in the number's place stands a keyed hash that names it. */
  readonly parsed: ParsedParameters<Parameter>
  /** The card, where the parameters have a number. */
  readonly card?: TypedCard
}

/**
 * Reads the body of an API request that may carry a card, and closes the card before any other code sees it. The expiry
 * stays readable: it is no secret, and the schema judges its spelling.
 * @param place the parameter that holds the card, or the one around it: `card` or `payment_method_data`
 * @param nameOf what stands for a number from here on: two requests with different cards differ
 */
export function takeParameters(
  body: Uint8Array,
  from: 'form' | 'json',
  place: string,
  nameOf: (number: string) => string,
): ParameterIntake {
  const parsed: ParsedParameters<Parameter> = from === 'form' ? parseForm(body) : parseJson(body)
  const around = parsed.ok ? membersOf(parsed.value)?.[place] : undefined
  const fields = membersOf(place === 'card' ? around : membersOf(around)?.card)
  if (!fields) return { parsed }
  const { number, cvc, exp_month: month, exp_year: year } = fields
  delete fields.cvc
  if (number === undefined) return { parsed }
  const typed = textOf(number)
  fields.number = nameOf(typed)
  const card = new TypedCard({
    cardNumber: typed,
    cardExpiry: `${textOf(month)}/${textOf(year)}`,
    cardCvc: textOf(cvc),
  })
  return { parsed, card }
}

const membersOf = (value: Parameter | undefined): ParameterObject | undefined =>
  value === undefined ? undefined : asObject(value)

const textOf = (value: Parameter | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''
