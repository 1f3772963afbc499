import {
  complaintAboutKey,
  complaintAboutText,
  fault,
  LIMITS,
  newObject,
  type Parameter,
  type ParameterObject,
  type ParsedParameters,
} from './parameters.ts'

/** A level of the tree while it grows; whether it is an array shows only when all its keys are known. */
type Level = Map<string, Level | string>
type Fault = Extract<ParsedParameters<never>, { ok: false }>

/**
 * Reads `application/x-www-form-urlencoded` with brackets, as the Stripe SDKs write it: `a[b][0][c]=x`, brackets plain or
 * percent-encoded. `a[]=x` appends, at the end of a name only. A level whose keys are exactly 0 to n-1 is an array, in
 * the order of its numbers; with a gap it stays an object, for the schema to refuse (or for metadata, to take). An empty
 * value stays '', which means unset. Percent-encoding must be UTF-8.
 */
export function parseForm(body: Uint8Array | string): ParsedParameters<ParameterObject> {
  const text = typeof body === 'string' ? body : decodeUtf8(body)
  if (text === undefined) return fault([], 'invalid_encoding', 'the body is not UTF-8')
  const pairs = text.split('&', LIMITS.keys + 1)
  if (pairs.length > LIMITS.keys) return fault([], 'too_many_keys', `has more than ${LIMITS.keys} parameters`)
  const root: Level = new Map()
  for (const pair of pairs) {
    if (pair === '') continue
    const refusal = placePair(root, pair)
    if (refusal) return refusal
  }
  return buildObject(root, [])
}

function placePair(root: Level, pair: string): Fault | undefined {
  const equals = pair.indexOf('=')
  const name = decodePart(equals < 0 ? pair : pair.slice(0, equals))
  if (name === undefined) return fault([], 'invalid_encoding', 'a parameter name is not percent-encoded UTF-8')
  const keys = splitName(name)
  if (!keys) return fault([name], 'invalid_key', 'has unbalanced or misplaced brackets')
  if (keys.length > LIMITS.depth) return fault(keys, 'too_deep', `is nested deeper than ${LIMITS.depth} levels`)
  for (const key of keys) {
    const complaint = complaintAboutKey(key)
    if (complaint) return fault(keys, ...complaint)
  }
  const value = decodePart(equals < 0 ? '' : pair.slice(equals + 1))
  if (value === undefined) return fault(keys, 'invalid_encoding', 'is not percent-encoded UTF-8')
  const complaint = complaintAboutText(value)
  return complaint ? fault(keys, ...complaint) : place(root, keys, value)
}

function place(root: Level, keys: readonly string[], value: string): Fault | undefined {
  let level = root
  for (const key of keys.slice(0, -1)) {
    const next = level.get(key) ?? new Map()
    if (typeof next === 'string') return fault(keys, 'conflicting_keys', 'is given both a value and members')
    level.set(key, next)
    level = next
  }
  const last = keys.at(-1) ?? ''
  // An appended item is kept under a name that no key can have, for brackets end one.
  const key = last === '' ? `[${level.size}` : last
  const present = level.get(key)
  if (typeof present === 'string') return fault(keys, 'duplicate_key', 'appears twice')
  if (present) return fault(keys, 'conflicting_keys', 'is given both a value and members')
  level.set(key, value)
  return undefined
}

/** `a[b][]` is a, b and ''. Undefined where brackets do not pair, the name is empty, or `[]` is not at its end. */
function splitName(name: string): string[] | undefined {
  const opening = name.indexOf('[')
  if (opening < 0) return name === '' || name.includes(']') ? undefined : [name]
  const root = name.slice(0, opening)
  if (root === '' || root.includes(']') || !name.endsWith(']')) return undefined
  const keys = [root, ...name.slice(opening + 1, -1).split('][')]
  const wellFormed = keys.every((key, place) => !/[[\]]/.test(key) && (key !== '' || place === keys.length - 1))
  return wellFormed ? keys : undefined
}

function buildObject(level: Level, path: readonly string[]): ParsedParameters<ParameterObject> {
  const object = newObject()
  for (const [key, child] of level) {
    const built = typeof child === 'string' ? ({ ok: true, value: child } as const) : buildLevel(child, [...path, key])
    if (!built.ok) return built
    object[key] = built.value
  }
  return { ok: true, value: object }
}

function buildLevel(level: Level, path: readonly string[]): ParsedParameters<Parameter> {
  const appended = [...level.keys()].filter((key) => key.startsWith('[')).length
  if (appended > 0 && appended < level.size) {
    return fault(path, 'conflicting_keys', 'mixes appended and named members')
  }
  const isArray = appended > 0 || isDense(level)
  if (!isArray) return buildObject(level, path)
  if (level.size > LIMITS.items) return fault(path, 'too_many_items', `has more than ${LIMITS.items} items`)
  const built = buildObject(level, path)
  if (!built.ok) return built
  // Integer-like keys of an object come in ascending order, others as they were set (ECMA-262, OrdinaryOwnPropertyKeys).
  return { ok: true, value: Object.values(built.value) }
}

/** Exactly the keys 0 to n-1, each in its one spelling. */
function isDense(level: Level): boolean {
  for (let index = 0; index < level.size; index++) if (!level.has(`${index}`)) return false
  return true
}

function decodePart(part: string): string | undefined {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '))
  } catch {
    return undefined
  }
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}
