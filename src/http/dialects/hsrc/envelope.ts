/** The envelope of every answer that is no error. */
export const envelope = <T>(data: T) => ({ message: 'success', success: true as const, data })

/**
 * One object as all known clients look for it: some read its fields in `data`, some read `data.payment` and the like, and
 * some have a helper that gives the whole body for `data`. Objects may have members that a client does not know.
 */
export function superset<K extends string>(name: K, object: object, beside: object = {}) {
  const named = { [name]: object, ...beside }
  return { ...envelope({ ...object, ...named }), ...named }
}

export type Numbered = { readonly page?: number | undefined; readonly limit?: number | undefined }

export const listed = (items: readonly object[], hasMore: boolean, { page = 1, limit = 20 }: Numbered) => ({
  ...envelope(items),
  pagination: { page, limit, has_more: hasMore },
})
