/** How a clause compares. `~` finds a part of a text. */
export type SearchOperator = ':' | '~' | '<' | '<=' | '>' | '>='
export type SearchClause = {
  readonly field: string
  /** Of `metadata['key']`. */
  readonly key?: string
  readonly operator: SearchOperator
  /** Null asks whether the field is unset. */
  readonly value: string | number | null
  readonly negated: boolean
}
export type SearchQuery = { readonly join: 'and' | 'or'; readonly clauses: readonly SearchClause[] }
export type ParsedSearch =
  | { readonly ok: true; readonly query: SearchQuery }
  | { readonly ok: false; readonly message: string }

/** What may be asked of a kind of object, and how: `text` with `~`, `token` and `boolean` whole, `number` by size. */
export type SearchFields = Readonly<Record<string, 'boolean' | 'metadata' | 'number' | 'text' | 'token'>>

export const SEARCH_FIELDS = {
  customer: { created: 'number', email: 'text', metadata: 'metadata', name: 'text', phone: 'text' },
  price: {
    active: 'boolean',
    created: 'number',
    currency: 'token',
    lookup_key: 'token',
    metadata: 'metadata',
    product: 'token',
    type: 'token',
  },
  product: {
    active: 'boolean',
    created: 'number',
    description: 'text',
    metadata: 'metadata',
    name: 'text',
    shippable: 'boolean',
    url: 'text',
  },
} as const satisfies Readonly<Record<string, SearchFields>>

/** As many as Stripe takes. */
const MOST_CLAUSES = 10

const FIELD = /([a-z_]+)(?:\[\s*(['"])((?:\\.|(?!\2)[^\\]){1,40})\2\s*\])?/y
const OPERATOR = /\s*(<=|>=|[:~<>])\s*/y
const VALUE = /"((?:\\.|[^"\\]){0,500})"|'((?:\\.|[^'\\]){0,500})'|(null|true|false|-?[0-9]{1,15})(?![\w.])/y
const JOIN = /\s+(AND|OR)\s+|\s+/y

/**
 * Reads Stripe's search language (docs.stripe.com/search): `active:'true' AND metadata['k']:"v"`, `-` before a clause
 * turns it around, AND and OR are not mixed, and a space means AND.
 */
export function parseSearch(text: string, fields: SearchFields): ParsedSearch {
  const clauses: SearchClause[] = []
  const joins = new Set<string>()
  const query = text.trim()
  for (let at = 0; at < query.length || clauses.length === 0; ) {
    const clause = readClause(query, at)
    if (typeof clause === 'string') return { ok: false, message: clause }
    const complaint = complaintAbout(clause.value, fields)
    if (complaint) return { ok: false, message: complaint }
    clauses.push(clause.value)
    if (clauses.length > MOST_CLAUSES) return { ok: false, message: `it has more than ${MOST_CLAUSES} clauses` }
    at = clause.end
    if (at === query.length) break
    const join = take(JOIN, query, at)
    if (!join) return { ok: false, message: `a space is missing at character ${at + 1}` }
    joins.add(join[1] ?? 'AND')
    at += join[0].length
  }
  if (joins.size > 1) return { ok: false, message: 'AND and OR cannot be mixed' }
  return { ok: true, query: { join: joins.has('OR') ? 'or' : 'and', clauses } }
}

function readClause(query: string, start: number): { value: SearchClause; end: number } | string {
  const negated = query[start] === '-'
  let at = start + (negated ? 1 : 0)
  const field = take(FIELD, query, at)
  if (!field) return `a field is missing at character ${at + 1}`
  at += field[0].length
  const operator = take(OPERATOR, query, at)
  if (!operator) return `an operator such as : is missing at character ${at + 1}`
  at += operator[0].length
  const value = take(VALUE, query, at)
  if (!value) return `a value in quotes is missing at character ${at + 1}`
  const clause = {
    field: field[1] ?? '',
    operator: operator[1] as SearchOperator,
    value: literalOf(value),
    negated,
  }
  const key = field[3]
  return { value: key === undefined ? clause : { ...clause, key: unquote(key) }, end: at + value[0].length }
}

function literalOf([, double, single, bare]: RegExpExecArray): string | number | null {
  if (double !== undefined) return unquote(double)
  if (single !== undefined) return unquote(single)
  if (bare === 'null') return null
  return bare === 'true' || bare === 'false' ? bare : Number(bare)
}

function complaintAbout({ field, key, operator, value }: SearchClause, fields: SearchFields): string | undefined {
  const sort = Object.hasOwn(fields, field) ? fields[field] : undefined
  if (sort === undefined) return `${field} cannot be searched; use one of ${Object.keys(fields).join(', ')}`
  if ((sort === 'metadata') !== (key !== undefined))
    return "metadata is searched as metadata['key'], other fields plainly"
  if (operator === '~' && (sort !== 'text' || typeof value !== 'string' || value.length < 3)) {
    return `~ finds three or more characters of a text; ${field} is not searched so`
  }
  if (operator !== ':' && operator !== '~' && sort !== 'number') return `${operator} compares numbers; ${field} is none`
  if (sort === 'number' && !Number.isSafeInteger(Number(value ?? Number.NaN)))
    return `${field} is compared with a number`
  if (sort === 'boolean' && value !== 'true' && value !== 'false') return `${field} is true or false`
  return undefined
}

const unquote = (text: string): string => text.replace(/\\(.)/gs, '$1')

function take(pattern: RegExp, text: string, at: number): RegExpExecArray | null {
  pattern.lastIndex = at
  return pattern.exec(text)
}
