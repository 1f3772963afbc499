import { parseEmail } from '../../core/card-fields.ts'
import { MAX_METADATA_KEYS, type MetadataChange } from '../../core/metadata.ts'
import { nearestName, offer } from '../../core/nearest.ts'
import { containsPan } from '../../core/pan-in-text.ts'
import { paramPath } from '../../core/param-path.ts'
import { asObject, type Parameter, type ParameterObject } from '../../core/parameters.ts'
import { type TextFault, textFault } from '../../core/text.ts'
import { type ErrorCode, Refused } from '../errors.ts'
import type { Words } from './fields.ts'

/** What a parser made of a request, and whether its values are all texts (a form) or typed (JSON). */
export type Tree = { readonly from: 'form' | 'json'; readonly tree: Parameter }

type Path = readonly (string | number)[]
type Reading = { readonly form: boolean }

/**
 * Reads a tree by a schema: what is unknown is refused by name, texts of a form become what the schema asks for, JSON
 * must have it already. The first fault ends it, in Stripe's order: unknown, then wrong, then missing.
 * @throws Refused
 */
export function readParameters(schema: Words, { from, tree }: Tree): unknown {
  return readObject(schema, tree, [], { form: from === 'form' })
}

function read(schema: Words, value: Parameter, path: Path, reading: Reading): unknown {
  if (schema.later) return refuse('parameter_not_supported_yet', path)
  if (value === '' || value === null) {
    return schema.unset ? null : refuse('parameter_invalid_empty', path)
  }
  if (schema.anyOf) return read(branchFor(schema.anyOf, value), value, path, reading)
  switch (schema.type) {
    case 'object':
      if (schema.format === 'metadata') return readMetadata(value, path)
      return schema.format === 'any' ? readAnything(schema, value, path) : readObject(schema, value, path, reading)
    case 'array':
      return readArray(schema, value, path, reading)
    case 'integer':
    case 'number':
      return readNumber(schema, value, path, reading)
    case 'boolean':
      return readBoolean(schema, value, path, reading)
    default:
      return readText(schema, value, path)
  }
}

/** Of a moment and a range, the one that has members takes what has members. */
function branchFor(branches: readonly Words[], value: Parameter): Words {
  const wanted = typeof value === 'object' ? 'object' : 'integer'
  return branches.find((branch) => branch.type === wanted) ?? {}
}

function readObject(schema: Words, value: Parameter, path: Path, reading: Reading): unknown {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    return refuse(path.length === 0 ? 'body_invalid' : 'parameter_invalid_object', path, 'it must have named members')
  }
  const properties = schema.properties ?? {}
  if (schema.open) return readOpen(schema, value, path, reading)
  const unknown = Object.keys(value).find((key) => !Object.hasOwn(properties, key))
  if (unknown !== undefined) {
    const meant = nearestName(unknown, Object.keys(properties))
    return refuse('parameter_unknown', [...path, unknown], meant && `Did you mean ${meant}?`)
  }
  const out: Record<string, unknown> = {}
  for (const [key, member] of Object.entries(value)) {
    const property = properties[key]
    if (property) out[key] = read(property, member, [...path, key], reading)
  }
  const missing = schema.required?.find((key) => !Object.hasOwn(value, key))
  return missing === undefined ? out : refuse('parameter_missing', [...path, missing])
}

/** What another system's client sends: see `open` among the words. */
function readOpen(schema: Words, value: ParameterObject, path: Path, reading: Reading): unknown {
  const out: Record<string, unknown> = {}
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    const member = Object.hasOwn(value, key) ? value[key] : undefined
    if (member === undefined) continue
    if (member === null || member === '') {
      if (property.unset) out[key] = null
      continue
    }
    out[key] = read(property, member, [...path, key], reading)
  }
  const missing = schema.required?.find((key) => !Object.hasOwn(out, key))
  return missing === undefined ? out : refuse('parameter_missing', [...path, missing])
}

function readArray(schema: Words, value: Parameter, path: Path, reading: Reading): unknown {
  if (!Array.isArray(value)) return refuse('parameter_invalid_array', path)
  const most = schema.maxItems ?? 100
  if (value.length > most) return refuse('parameter_invalid_range', path, `it has more than ${most} items`)
  return value.map((item, index) => read(schema.items ?? {}, item, [...path, index], reading))
}

/** One spelling per number: no plus, no leading zero, no exponent, no -0. */
const WHOLE = /^(?:0|-?[1-9][0-9]{0,15})$/
const DECIMAL = /^(?:0|-?[1-9][0-9]{0,11})(?:\.[0-9]{1,4})?$/

function readNumber(schema: Words, value: Parameter, path: Path, reading: Reading): number {
  const whole = schema.type === 'integer'
  const code = whole ? 'parameter_invalid_integer' : 'parameter_invalid_number'
  const wellSpelled = typeof value === 'string' && (whole ? WHOLE : DECIMAL).test(value)
  const parsed = reading.form && wellSpelled ? Number(value) : value
  if (typeof parsed !== 'number' || (whole && !Number.isSafeInteger(parsed))) {
    return refuse(code, path, `${quote(value)}${whole ? wholeHint(value, path) : ''}`)
  }
  const { minimum = -Infinity, maximum = Infinity } = schema
  if (parsed < minimum && minimum === 0) return refuse(code, path, `${parsed} (must be 0 or more)`)
  if (parsed < minimum) return refuse('parameter_invalid_range', path, `it must be at least ${minimum}`)
  if (parsed > maximum) return refuse('parameter_invalid_range', path, `it must be at most ${maximum}`)
  return parsed
}

const YES_AND_NO = new Map([
  ['true', true],
  ['yes', true],
  ['1', true],
  ['false', false],
  ['no', false],
  ['0', false],
])

/** Who writes 24.00 thinks in euros, and 24 would be the next guess. */
function wholeHint(value: Parameter, path: Path): string {
  const isAmount = `${path.at(-1)}`.includes('amount') && /^-?\d+[.,]\d+$/.test(quote(value))
  return isAmount ? ' (amounts count in the currency’s smallest unit: 2400 for 24.00 EUR)' : ''
}

function readBoolean(schema: Words, value: Parameter, path: Path, reading: Reading): boolean {
  const meant = schema.lenient ? YES_AND_NO.get(quote(value).toLowerCase()) : undefined
  if (meant !== undefined) return meant
  const said = reading.form && (value === 'true' || value === 'false') ? value === 'true' : value
  if (typeof said !== 'boolean') return refuse('parameter_invalid_boolean', path, quote(value))
  return schema.laterValues?.includes(`${said}`) ? refuse('parameter_not_supported_yet', path, `${said}`) : said
}

/** As `parseDecimal` takes it: a number has one shortest spelling, and an exponent is none. */
const DECIMAL_TEXT = /^(?:0|[1-9][0-9]{0,11})(?:\.[0-9]{1,4})?$/

function readDecimal(value: Parameter, path: Path): string {
  const text = typeof value === 'number' ? String(value) : value
  if (typeof text === 'string' && DECIMAL_TEXT.test(text)) return text
  return refuse('parameter_invalid_number', path, quote(value))
}

function readText(schema: Words, given: Parameter, path: Path): string {
  if (schema.format === 'decimal') return readDecimal(given, path)
  const value = schema.lenient && typeof given === 'number' ? String(given) : given
  if (typeof value !== 'string') return refuse('parameter_invalid_string', path)
  if (schema.enum) return readChoice(schema.enum, schema, value, path)
  checkText(value, path, schema)
  if (schema.format === 'email' && !isEmail(value)) return refuse('email_invalid', path, value)
  if (schema.format === 'url' && !isWebUrl(value)) return refuse('url_invalid', path)
  if (schema.pattern && !new RegExp(schema.pattern).test(value)) {
    return refuse('parameter_invalid_string', path, schema.shape)
  }
  return value
}

function readChoice(choices: readonly string[], schema: Words, value: string, path: Path): string {
  if (choices.includes(value)) return value
  if (schema.laterValues?.includes(value)) return refuse('parameter_not_supported_yet', path, value)
  return refuse('parameter_invalid_enum', path, offer(choices, value))
}

/** Names of our objects are no free text: by chance one may look like a card number. */
function checkText(value: string, path: Path, schema: Words): void {
  const max = schema.maxLength ?? 5000
  const fault = textFault(value, { max, multiline: schema.format === 'lines', min: schema.minLength ?? 0 })
  if (fault === 'too_long') refuse('parameter_too_long', path, `at most ${max} characters`)
  if (fault) refuse('parameter_invalid_string', path, COMPLAINTS[fault])
  if (schema.format !== 'name' && containsPan(value)) refuse('card_number_refused', path)
}

const COMPLAINTS: Readonly<Record<Exclude<TextFault, 'too_long'>, string>> = {
  bidi_override: 'must not contain characters that change the direction of text',
  blank: 'must not be blank',
  control_character: 'must not contain control characters or line breaks',
  lone_surrogate: 'contains half of a surrogate pair',
  nul: 'must not contain a NUL character',
  too_short: 'is too short',
  zero_width_edge: 'must not begin or end with an invisible character',
}

/** An empty value unsets a key; an empty whole was unset before it comes here. */
function readMetadata(value: Parameter, path: Path): MetadataChange {
  const members: ParameterObject | undefined = asObject(value)
  if (!members) return refuse('parameter_invalid_object', path)
  const change: Record<string, string | null> = {}
  const entries = Object.entries(members)
  if (entries.length > MAX_METADATA_KEYS) refuse('metadata_too_many_keys', path)
  for (const [key, member] of entries) {
    const at = [...path, key]
    checkText(key, at, { maxLength: 40, minLength: 1 })
    if (member === '' || member === null) change[key] = null
    else {
      if (typeof member !== 'string') refuse('parameter_invalid_string', at)
      else checkText(member, at, { maxLength: 500, format: 'lines' })
      change[key] = String(member)
    }
  }
  return change
}

function readAnything(schema: Words, value: Parameter, path: Path): ParameterObject {
  const members = asObject(value)
  if (!members) return refuse('parameter_invalid_object', path)
  const json = JSON.stringify(members)
  const max = schema.maxLength ?? 5000
  if (Buffer.byteLength(json) > max) refuse('parameter_too_long', path, `at most ${max} bytes of JSON`)
  if (containsPan(json)) refuse('card_number_refused', path)
  return members
}

/** As it is stored: spaces around it would make it another address. */
function isEmail(text: string): boolean {
  return text.trim() === text && parseEmail(text).ok
}

function isWebUrl(text: string): boolean {
  const parsed = URL.parse(text)
  return (parsed?.protocol === 'https:' || parsed?.protocol === 'http:') && !parsed.username && !/[\s\\]/.test(text)
}

function quote(value: Parameter): string {
  return typeof value === 'object' ? 'an object' : String(value)
}

function refuse(code: ErrorCode, path: Path, detail?: string): never {
  throw new Refused({
    code,
    ...(path.length === 0 ? {} : { param: paramPath(path) }),
    ...(detail === undefined ? {} : { detail }),
  })
}
