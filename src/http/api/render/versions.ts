/** The one version of the wire: whatever `Stripe-Version` asks for, this is what is answered. */
export const API_VERSION = '2026-10-28.endive'

type Rendered = Readonly<Record<string, unknown>>

/** A change of the wire: the version that brought it, and how an object of that version is told to clients from before. */
export type Conversion = { readonly since: string; readonly down: (rendered: Rendered) => Rendered }

/** Newest first. There has been one shape only, so there is nothing to convert. */
const CONVERSIONS: readonly Conversion[] = []

/** An object in an older version: every change since is undone, the newest first. Versions begin with their date. */
export function inVersion(
  rendered: Rendered,
  asked: string,
  conversions: readonly Conversion[] = CONVERSIONS,
): Rendered {
  const date = (version: string): string => version.slice(0, '2026-10-28'.length)
  return conversions.filter(({ since }) => date(since) > date(asked)).reduce((older, { down }) => down(older), rendered)
}
