/** Longer texts are no slip of a name of ours, and the work grows with the length. */
const LONGEST = 60

/** The name that somebody who typed `text` probably meant: at most one letter in three is wrong. */
export function nearestName(text: string, names: Iterable<string>): string | undefined {
  if (text.length > LONGEST) return undefined
  let nearest: string | undefined
  let least = Math.ceil(text.length / 3) + 1
  for (const name of names) {
    const distance = editDistance(text, name)
    if (distance >= least) continue
    nearest = name
    least = distance
  }
  return nearest
}

/** What may stand there, and first what was probably meant: the list of all event types is cut before its end. */
export function offer(choices: readonly string[], value: string): string {
  const [last = '', ...others] = choices.toReversed()
  if (others.length === 0) return `must be ${last}`
  const meant = nearestName(value, choices)
  const all = `must be one of ${others.toReversed().join(', ')}, or ${last}`
  return meant === undefined ? all : `did you mean ${meant}? It ${all}`
}

/** How many letters to insert, delete, replace or swap with their neighbor (Damerau; each place edited once). */
function editDistance(from: string, to: string): number {
  let before: readonly number[] = []
  let row: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (let line = 1; line <= from.length; line++) {
    const next = [line]
    for (let column = 1; column <= to.length; column++) {
      const replaced = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1)
      const swaps = from[line - 1] === to[column - 2] && from[line - 2] === to[column - 1]
      const swapped = swaps ? (before[column - 2] ?? replaced) + 1 : replaced
      next.push(Math.min(replaced, swapped, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1))
    }
    before = row
    row = next
  }
  return row[to.length] ?? 0
}
