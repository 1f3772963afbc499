import { isForbiddenKey, paramPath } from './param-path.ts'

/**
 * What a request body turns into, from JSON or from a form: objects without prototype, arrays, and scalars. Forms yield
 * strings only.
 */
export type Parameter = string | number | boolean | null | Parameter[] | ParameterObject
export type ParameterObject = { [key: string]: Parameter }

export type ParameterFaultCode =
  | 'byte_order_mark'
  | 'conflicting_keys'
  | 'duplicate_key'
  | 'forbidden_key'
  | 'invalid_encoding'
  | 'invalid_integer'
  | 'invalid_key'
  | 'invalid_syntax'
  | 'lone_surrogate'
  | 'nul'
  | 'too_deep'
  | 'too_long'
  | 'too_many_items'
  | 'too_many_keys'
/** `path` names the parameter as `paramPath` does; it is empty when the body as a whole is at fault. */
export type ParameterFault = { readonly path: string; readonly code: ParameterFaultCode; readonly message: string }
export type ParsedParameters<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: ParameterFault }

export const LIMITS = {
  depth: 8,
  items: 100,
  /** Keys of one JSON object; pairs of a whole form. */
  keys: 1000,
  /** UTF-16 units of a key or of one level of it. */
  keyLength: 200,
  /** UTF-16 units of a value. The fields have narrower limits of their own. */
  stringLength: 20_000,
} as const

export function fault(keys: readonly (string | number)[], code: ParameterFaultCode, message: string) {
  return { ok: false, fault: { path: paramPath(keys), code, message } } as const
}

export type TextComplaint = readonly [code: ParameterFaultCode, message: string]

/** What forbids a value anywhere: length, and what Postgres would not store. */
export function complaintAboutText(text: string): TextComplaint | undefined {
  if (text.length > LIMITS.stringLength) return ['too_long', `is longer than ${LIMITS.stringLength} characters`]
  if (text.includes('\u0000')) return ['nul', 'contains a NUL character']
  return text.isWellFormed() ? undefined : ['lone_surrogate', 'contains half of a surrogate pair']
}

export function complaintAboutKey(key: string): TextComplaint | undefined {
  if (key.length > LIMITS.keyLength) return ['too_long', `has a name longer than ${LIMITS.keyLength} characters`]
  if (isForbiddenKey(key)) return ['forbidden_key', 'has a name that is not allowed']
  return complaintAboutText(key)
}

/** A form's `metadata[0]=x` reads as an array; where the schema wants a map of names, its positions are the names. */
export function asObject(value: Parameter): ParameterObject | undefined {
  if (value === null || typeof value !== 'object') return undefined
  return Array.isArray(value) ? Object.assign(newObject(), value) : value
}

export function newObject(): ParameterObject {
  return Object.create(null) as ParameterObject
}
