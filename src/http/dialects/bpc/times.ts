/** `2023-10-31T12:00:00Z`: whole seconds, as this system writes its times. */
export const bpcTime = (moment: Date): string => `${moment.toISOString().slice(0, 19)}Z`

const TIME = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(?:\.\d{1,9})?(?:Z|[+-]\d{2}:\d{2})$/

/** A moment with its offset from UTC; undefined for what is none, such as the thirtieth of February. */
export function parseBpcTime(text: string): Date | undefined {
  const [, day, clock] = TIME.exec(text) ?? []
  if (day === undefined || clock === undefined) return undefined
  const moment = Date.parse(text)
  // `Date.parse` carries a day too many over into the next month.
  const local = Date.parse(`${day}T${clock}Z`)
  if (Number.isNaN(moment) || Number.isNaN(local) || bpcTime(new Date(local)) !== `${day}T${clock}Z`) return undefined
  return new Date(moment)
}
