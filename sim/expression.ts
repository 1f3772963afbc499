/**
 * The conditions of checks and partial indexes, as Postgres prints them (`pg_get_expr`), made executable. Only what our
 * migrations use is understood: anything else throws when the snapshot is read, not in the middle of a simulation.
 */
export type Value = bigint | string | boolean | null | readonly Value[]
export type Columns = (column: string) => Value
export type Condition = (columns: Columns) => Value

type Token = { readonly is: 'word' | 'number' | 'text' | 'sign'; readonly text: string }

const TOKEN = /\s*(?:('(?:[^']|'')*')|(\d+)|([a-z_][a-z0-9_]*)|(<=|>=|<>|::|[()[\],=<>%+*-]))/giy

export function parseCondition(text: string): Condition {
  const tokens = tokenize(text)
  let at = 0
  const peek = (): string | undefined => tokens[at]?.text.toLowerCase()
  const accept = (...words: readonly string[]): boolean => {
    const fits = words.every((word, index) => tokens[at + index]?.is !== 'text' && lower(tokens[at + index]) === word)
    if (fits) at += words.length
    return fits
  }
  const expect = (word: string): void => {
    if (!accept(word)) throw new SyntaxError(`"${word}" is missing in: ${text}`)
  }

  const or = (): Condition => chain(and, 'or', eitherIs)
  const and = (): Condition => chain(not, 'and', bothAre)

  function chain(part: () => Condition, word: string, join: (one: Value, other: Value) => Value): Condition {
    let left = part()
    while (accept(word)) {
      const [one, other] = [left, part()]
      left = (columns) => join(one(columns), other(columns))
    }
    return left
  }

  function not(): Condition {
    if (!accept('not')) return comparison()
    const inner = not()
    return (columns) => {
      const value = inner(columns)
      return value === null ? null : !value
    }
  }

  function comparison(): Condition {
    const left = sum()
    if (accept('is', 'not', 'null')) return (columns) => left(columns) !== null
    if (accept('is', 'null')) return (columns) => left(columns) === null
    const sign = peek()
    if (sign === undefined || !(sign in COMPARE)) return left
    at += 1
    const compare = COMPARE[sign]
    if (compare === undefined) throw new SyntaxError(sign)
    const any = accept('any')
    const right = sum()
    return (columns) => {
      const [one, other] = [left(columns), right(columns)]
      if (one === null || other === null) return null
      if (any) return Array.isArray(other) && other.some((item) => item !== null && compare(one, item))
      return compare(one, other)
    }
  }

  function sum(): Condition {
    let left = cast()
    for (const sign of ['%', '+', '-', '*'] as const) {
      while (accept(sign)) {
        const [one, other] = [left, cast()]
        left = (columns) => calculate(sign, one(columns), other(columns))
      }
    }
    return left
  }

  /** `::text` and the like say what Postgres knows about the type already. */
  function cast(): Condition {
    const value = primary()
    while (accept('::')) {
      at += 1
      if (accept('varying')) continue
      if (accept('[')) expect(']')
    }
    return value
  }

  function primary(): Condition {
    const token = tokens[at++]
    if (token === undefined) throw new SyntaxError(`the end is missing of: ${text}`)
    if (token.is === 'number') return constant(BigInt(token.text))
    if (token.is === 'text') return constant(token.text.slice(1, -1).replaceAll("''", "'"))
    if (token.text === '-') {
      const inner = primary()
      return (columns) => calculate('-', 0n, inner(columns))
    }
    if (token.text === '(') {
      const inner = or()
      expect(')')
      return inner
    }
    switch (lower(token)) {
      case 'true':
        return constant(true)
      case 'false':
        return constant(false)
      case 'null':
        return constant(null)
      case 'array': {
        expect('[')
        const items = list(']')
        return (columns) => items.map((item) => item(columns))
      }
    }
    if (token.is !== 'word') throw new SyntaxError(`"${token.text}" is not understood in: ${text}`)
    if (!accept('(')) return (columns) => columns(token.text)
    const inner = list(')')
    const called = FUNCTIONS[token.text]
    if (called === undefined) throw new SyntaxError(`the function ${token.text} is not understood in: ${text}`)
    return (columns) => called(inner.map((item) => item(columns)))
  }

  function list(end: string): Condition[] {
    const items = [or()]
    while (accept(',')) items.push(or())
    expect(end)
    return items
  }

  const condition = or()
  if (at !== tokens.length) throw new SyntaxError(`"${tokens[at]?.text}" is not understood in: ${text}`)
  return condition
}

function tokenize(text: string): readonly Token[] {
  const tokens: Token[] = []
  TOKEN.lastIndex = 0
  while (text.slice(TOKEN.lastIndex).trim() !== '') {
    const from = TOKEN.lastIndex
    const match = TOKEN.exec(text)
    if (!match) throw new SyntaxError(`not understood: ${text.slice(from)}`)
    const [, quoted, digits, word, sign] = match
    if (quoted !== undefined) tokens.push({ is: 'text', text: quoted })
    else if (digits !== undefined) tokens.push({ is: 'number', text: digits })
    else if (word !== undefined) tokens.push({ is: 'word', text: word })
    else tokens.push({ is: 'sign', text: sign ?? '' })
  }
  return tokens
}

const lower = (token: Token | undefined): string => token?.text.toLowerCase() ?? ''
const constant =
  (value: Value): Condition =>
  () =>
    value

/** SQL's three-valued logic: what is unknown decides nothing, unless the other side does. */
const eitherIs = (one: Value, other: Value): Value =>
  one === true || other === true ? true : one === null || other === null ? null : false
const bothAre = (one: Value, other: Value): Value =>
  one === false || other === false ? false : one === null || other === null ? null : true

const COMPARE: Readonly<Record<string, (one: Value, other: Value) => boolean>> = {
  '=': (one, other) => one === other,
  '<>': (one, other) => one !== other,
  '<': (one, other) => order(one) < order(other),
  '<=': (one, other) => order(one) <= order(other),
  '>': (one, other) => order(one) > order(other),
  '>=': (one, other) => order(one) >= order(other),
}

function order(value: Value): bigint | string {
  if (typeof value === 'bigint' || typeof value === 'string') return value
  throw new TypeError('only numbers, texts and times have an order')
}

function calculate(sign: '%' | '+' | '-' | '*', one: Value, other: Value): Value {
  if (typeof one !== 'bigint' || typeof other !== 'bigint') return null
  if (sign === '%') return one % other
  if (sign === '*') return one * other
  return sign === '+' ? one + other : one - other
}

const FUNCTIONS: Readonly<Record<string, (values: readonly Value[]) => Value>> = {
  length: ([value = null]) => (typeof value === 'string' ? BigInt([...value].length) : null),
  coalesce: (values) => values.find((value) => value !== null) ?? null,
}
