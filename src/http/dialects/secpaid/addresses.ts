import { Refused } from '../../errors.ts'

/**
 * What `callback_url` and `payment_endpoint` name: full addresses, indexes from 0 into what the account has saved, or both
 * with commas between. A comma inside of an address is part of it unless an index or an address follows.
 * @throws Refused when an index names nothing
 */
export function namedUrls(param: string, given: string, saved: readonly string[]): readonly string[] {
  const parts = given
    .split(/,(?=\s*(?:\d+\s*(?:,|$)|[a-z][a-z0-9+.-]*:))/i)
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const urls = parts.map((part) => {
    if (!/^\d+$/.test(part)) return part
    const url = saved[Number(part)]
    if (url !== undefined) return url
    const detail = `nothing is saved under ${part.slice(0, 20)}; ${saved.length} are saved, counted from 0`
    throw new Refused({ code: 'parameter_invalid_string', param, detail })
  })
  return [...new Set(urls)]
}
