/** The name that somebody who typed `text` most probably meant; undefined when nothing is near enough to be a slip. */
export function nearestName(text: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = Math.max(2, Math.floor(text.length / 2))
  for (const name of names) {
    const distance = editDistance(text.slice(0, MOST), name)
    if (distance >= least) continue
    best = name
    least = distance
  }
  return best
}

/** Longer texts are no slip of a name of ours, and the work grows with the length. */
const MOST = 100

/** Levenshtein's: how many letters to insert, delete or replace. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column)
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1)
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1))
    }
    row = next
  }
  return row[to.length] ?? 0
}
