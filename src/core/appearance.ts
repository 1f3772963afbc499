import { type Color, parseColor } from './colors.ts'
import { containsPan } from './pan-in-text.ts'
import { judgeReturnUrl } from './return-urls.ts'
import { textFault } from './text.ts'

const COLOR_KEYS = [
  'primaryColor',
  'primaryHoverColor',
  'secondaryColor',
  'backgroundColor',
  'textColor',
  'borderColor',
  'buttonBackgroundColor',
  'buttonHoverColor',
  'buttonTextColor',
  'inputBackgroundColor',
  'inputBorderColor',
  'inputFocusBorderColor',
  'cancelButtonTextColor',
  'cancelButtonBackgroundColor',
] as const
export const RADII = ['none', 'sm', 'base', 'lg', 'xl', 'full'] as const
export const FONT_SIZES = ['sm', 'base', 'lg', 'xl'] as const
export const LOGO_POSITIONS = ['inline', 'top'] as const
const LEAST_LOGO = 16
const MOST_LOGO = 120

/**
 * How a session's page looks, as its shop wants it. Whatever is in here has been through `parseAppearance`: colors are
 * `#rrggbb`, choices come from closed lists, so that nothing a shop wrote can end or begin anything in a style sheet.
 */
export type Appearance = { readonly [key in (typeof COLOR_KEYS)[number]]?: Color } & {
  /** Behind everything; `backgroundColor` is that of the card in front of it. */
  readonly pageBackground?: Color
  readonly borderRadius?: (typeof RADII)[number]
  readonly fontSize?: (typeof FONT_SIZES)[number]
  /** Names of fonts, without quotes. The page loads none: only those that a device has are seen. */
  readonly fontFamily?: readonly string[]
  readonly logoUrl?: string
  readonly logoPosition?: (typeof LOGO_POSITIONS)[number]
  /** CSS pixels. */
  readonly logoMaxHeight?: number
  /** Beside the logo; it is still read aloud. */
  readonly showMerchantName?: boolean
  readonly hideBranding?: boolean
  readonly cancelButtonText?: string
}

/**
 * Ozura's keys, of which each is taken that can be, and no other is looked at: a shop with a misspelled color has a page
 * without it. An appearance that was parsed before is the same again.
 */
export function parseAppearance(input: unknown): Appearance {
  const given = recordOf(input)
  const { 'page-background': canvas } = recordOf(given.cssVariables)
  const parsed = {
    ...Object.fromEntries(COLOR_KEYS.map((key) => [key, parseColor(given[key])])),
    pageBackground: parseColor(given.pageBackground) ?? parseColor(canvas),
    borderRadius: RADII.find((radius) => radius === given.borderRadius),
    fontSize: FONT_SIZES.find((size) => size === given.fontSize),
    fontFamily: parseFonts(given.fontFamily),
    logoUrl: parseLogo(given.logoUrl),
    logoPosition: LOGO_POSITIONS.find((position) => position === given.logoPosition),
    logoMaxHeight: parseHeight(given.logoMaxHeight),
    showMerchantName: parseSwitch(given.showMerchantName),
    hideBranding: parseSwitch(given.hideBranding),
    cancelButtonText: parseWords(given.cancelButtonText),
  }
  return Object.fromEntries(Object.entries(parsed).filter(([, value]) => value !== undefined)) as Appearance
}

function recordOf(input: unknown): Readonly<Record<string, unknown>> {
  return typeof input === 'object' && input !== null ? (input as Readonly<Record<string, unknown>>) : {}
}

const MOST_FONTS = 6

/** Letters, digits, spaces and hyphens, as fonts are called; a family that is called otherwise is left out. */
function parseFonts(input: unknown): readonly string[] | undefined {
  const families = typeof input === 'string' && input.length <= 300 ? input.split(',') : input
  if (!Array.isArray(families)) return undefined
  const names = families
    .map((family: unknown) => (typeof family === 'string' ? family.trim().replace(/^(["'])(.*)\1$/, '$2') : ''))
    .filter((family) => /^[A-Za-z][A-Za-z0-9 -]{0,49}$/.test(family))
  return names.length > 0 ? names.slice(0, MOST_FONTS) : undefined
}

function parseLogo(input: unknown): string | undefined {
  if (typeof input !== 'string' || input.length > 2048 || containsPan(input)) return undefined
  const verdict = judgeReturnUrl(input, { live: true, schemes: [], origins: [] })
  return verdict.ok ? verdict.href : undefined
}

function parseHeight(input: unknown): number | undefined {
  const text = typeof input === 'number' ? String(input) : input
  const [, digits] = (typeof text === 'string' ? /^(\d{1,4})(?:\.\d+)?(?:px)?$/.exec(text) : undefined) ?? []
  return digits === undefined ? undefined : Math.min(MOST_LOGO, Math.max(LEAST_LOGO, Number(digits)))
}

const parseSwitch = (input: unknown): boolean | undefined => (typeof input === 'boolean' ? input : undefined)

const MOST_BUTTON_TEXT = 60

function parseWords(input: unknown): string | undefined {
  if (typeof input !== 'string' || textFault(input, { min: 1, max: MOST_BUTTON_TEXT })) return undefined
  return containsPan(input) ? undefined : input
}
