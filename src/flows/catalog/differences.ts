/**
 * The fields of a record that a change replaced, as they were: an event keeps them, and each door renders from them what
 * it calls previous attributes. Undefined when nothing changed: then nothing is stored and nobody is told.
 */
export function replacedFields<T extends object>(
  before: T,
  after: T,
  fields: readonly (keyof T & string)[],
): Readonly<Record<string, unknown>> | undefined {
  const replaced = fields.filter((field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]))
  if (replaced.length === 0) return undefined
  return Object.fromEntries(replaced.map((field) => [field, before[field]]))
}

/** Null takes a field away, what is absent stays: the document after a change. */
export function changeDocument<D extends object>(before: D, changes: { readonly [K in keyof D]?: D[K] | null }): D {
  const kept = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(kept) as D
}
