import type { Metadata } from './session.ts'

/** What a request does to metadata: null unsets one key, null as a whole unsets all. */
export type MetadataChange = Readonly<Record<string, string | null>> | null

/** Keys that a request does not name stay as they are. */
export function changeMetadata(before: Metadata | undefined, change: MetadataChange): Metadata {
  if (change === null) return {}
  const after: Record<string, string> = { ...before }
  for (const [key, value] of Object.entries(change)) {
    if (value === null) delete after[key]
    else after[key] = value
  }
  return after
}

/** How many keys one object may hold; docs.stripe.com/api/metadata. */
export const MAX_METADATA_KEYS = 50
