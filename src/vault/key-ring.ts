/** Keys that wrap other keys, by version. None of them is ever in the database. */
export type KeyRing = {
  /** 32 bytes each. Reading accepts every version, writing uses the highest. */
  readonly wrapping: ReadonlyMap<number, Uint8Array>
  /** Makes fingerprints: its own key, so that rotating the others changes no fingerprint. */
  readonly fingerprint: Uint8Array
}

export function currentVersion(ring: KeyRing): number {
  return Math.max(...ring.wrapping.keys())
}

/** @throws Error when a stored card names a version that this process was not given */
export function wrappingKey(ring: KeyRing, version: number): Uint8Array {
  const key = ring.wrapping.get(version)
  if (!key) throw new Error(`the vault has no key of version ${version}: add it to the key ring`)
  return key
}
