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
