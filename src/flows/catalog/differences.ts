/** Null takes a field away, what is absent stays: the document after a change. */
export function changeDocument<D extends object>(before: D, changes: { readonly [K in keyof D]?: D[K] | null }): D {
  const kept = Object.entries({ ...before, ...changes }).filter(([, value]) => value !== null && value !== undefined)
  return Object.fromEntries(kept) as D
}
