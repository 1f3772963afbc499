const MOST_DIGITS = 10

/**
 * How long an endpoint asks us to wait, in milliseconds: seconds or a date (RFC 9110, §10.2.3). Undefined where it asks
 * for nothing that can be understood.
 */
export function parseRetryAfter(text: string | undefined, now: Date): number | undefined {
  if (text === undefined) return undefined
  const trimmed = text.trim()
  if (/^\d+$/.test(trimmed)) return Number(trimmed.slice(0, MOST_DIGITS)) * 1000
  // A date has the name of its month in it: `Date.parse` takes a bare number for a year.
  const at = /[a-z]{3}/i.test(trimmed) && trimmed.length <= 40 ? Date.parse(trimmed) : Number.NaN
  return Number.isNaN(at) ? undefined : Math.max(0, at - now.getTime())
}
