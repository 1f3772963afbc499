/** How many rows one statement of a clean-up takes: a longer one would hold others up. */
export const ROWS_AT_ONCE = 1_000
/** What is still too old after these waits for the next round. */
const MOST_STEPS = 20

/**
 * Cleans up a little at a time, until a step finds less than it could have taken.
 * @param step takes up to `ROWS_AT_ONCE` rows, and says how many
 * @returns how many in all
 */
export async function inSteps(step: () => Promise<number>): Promise<number> {
  let total = 0
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const count = await step()
    total += count
    if (count < ROWS_AT_ONCE) break
  }
  return total
}
