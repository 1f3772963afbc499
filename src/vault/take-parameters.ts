import { parseForm } from '../core/form.ts'
import { parseJson } from '../core/json.ts'
import { asObject, type Parameter, type ParameterObject, type ParsedParameters } from '../core/parameters.ts'
import { CARD_PLACES, type CardPlace, type Place } from './card-places.ts'
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
 * @param place where the request holds its card
 * @param nameOf what stands for a number from here on: two requests with different cards differ
 */
export function takeParameters(
  body: Uint8Array,
  from: 'form' | 'json',
  place: CardPlace,
  nameOf: (number: string) => string,
): ParameterIntake {
  const parsed: ParsedParameters<Parameter> = from === 'form' ? parseForm(body) : parseJson(body)
  const { ways, number, codes, month, year, codeOptional = false }: Place = CARD_PLACES[place]
  let card: TypedCard | undefined
  for (const way of ways) {
    const fields = parsed.ok ? follow(parsed.value, way) : undefined
    if (!fields) continue
    const code = codes.map((name) => fields[name]).find((value) => value !== undefined)
    for (const name of codes) delete fields[name]
    if (fields[number] === undefined) continue
    const typed = textOf(fields[number])
    fields[number] = nameOf(typed)
    card ??= new TypedCard({
      cardNumber: typed,
      cardExpiry: `${textOf(fields[month])}/${textOf(fields[year])}`,
      cardCvc: code === undefined && codeOptional ? undefined : textOf(code),
    })
  }
  return card ? { parsed, card } : { parsed }
}

/** The object at the end of a way, where there is one. */
function follow(value: Parameter, way: readonly string[]): ParameterObject | undefined {
  return way.reduce<ParameterObject | undefined>((around, name) => membersOf(around?.[name]), membersOf(value))
}

const membersOf = (value: Parameter | undefined): ParameterObject | undefined =>
  value === undefined ? undefined : asObject(value)

const textOf = (value: Parameter | undefined): string =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : ''
