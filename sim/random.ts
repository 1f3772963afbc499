import { createHash } from 'node:crypto'

/** Numbers that follow from a seed alone. Each purpose has a stream of its own, so that one does not shift another. */
export type Random = {
  /** In [0, 1). */
  next(): number
  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number
  chance(share: number): boolean
  pick<T>(from: readonly T[]): T
  bytes(length: number): Uint8Array
}

/** sfc32 (PractRand): small, fast, and good enough to choose with. Nothing here protects anything. */
export function makeRandom(seed: number, purpose: string): Random {
  const start = createHash('sha256').update(`${seed} ${purpose}`).digest()
  let a = start.readUInt32LE(0) | 0
  let b = start.readUInt32LE(4) | 0
  let c = start.readUInt32LE(8) | 0
  let counter = start.readUInt32LE(12) | 0

  function word(): number {
    const sum = (((a + b) | 0) + counter) | 0
    counter = (counter + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (((c << 21) | (c >>> 11)) + sum) | 0
    return sum >>> 0
  }
  const next = () => word() / 2 ** 32
  const between = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    between,
    chance: (share) => next() < share,
    pick(from) {
      const chosen = from[between(0, from.length - 1)]
      if (chosen === undefined) throw new RangeError('nothing to pick from')
      return chosen
    },
    bytes(length) {
      const bytes = new Uint8Array(length)
      for (let at = 0; at < length; at++) bytes[at] = word() & 0xff
      return bytes
    },
  }
}
