import { COLOR_NAMES } from './color-names.ts'

/** An opaque color in sRGB as `#rrggbb`, lower case: the only spelling that reaches a style sheet. */
export type Color = `#${string}`

/** What WCAG 2.2 asks between text and its ground (1.4.3), and between what is not text and its neighbor (1.4.11). */
export const TEXT_CONTRAST = 4.5
export const SHAPE_CONTRAST = 3

const LONGEST = 64

/**
 * A color as CSS writes it: `#rgb`, `#rrggbb`, a name, `rgb()` or `hsl()`, with the commas of old or the spaces of today.
 * What lets through what is behind it has no contrast that could be known, and is no color here.
 */
export function parseColor(value: unknown): Color | undefined {
  if (typeof value !== 'string' || value.length > LONGEST) return undefined
  const text = value.trim().toLowerCase()
  const named = COLOR_NAMES.get(text)
  if (named) return `#${named}`
  if (text.startsWith('#')) return parseHex(text.slice(1))
  const [, name, inside = ''] = /^(rgb|hsl)a?\(([^()]*)\)$/.exec(text) ?? []
  if (name === undefined) return undefined
  const [one = '', two = '', three = '', alpha, more] = inside.split(/\s*[,/]\s*|\s+/).filter(Boolean)
  if (more !== undefined || !isOpaque(alpha)) return undefined
  return name === 'rgb' ? fromRgb([one, two, three]) : fromHsl(one, two, three)
}

function parseHex(digits: string): Color | undefined {
  if (!/^[0-9a-f]+$/.test(digits)) return undefined
  if (digits.length === 3 || digits.length === 4) return parseHex(digits.replace(/./g, '$&$&'))
  if (digits.length === 6) return `#${digits}`
  return digits.length === 8 && digits.endsWith('ff') ? `#${digits.slice(0, 6)}` : undefined
}

const isOpaque = (alpha: string | undefined): boolean => alpha === undefined || /^(?:1(?:\.0*)?|100%)$/.test(alpha)

function fromRgb(parts: readonly string[]): Color | undefined {
  const values = parts.map((part) => {
    const [, number = '', percent] = /^(\d{1,3}(?:\.\d{1,10})?)(%?)$/.exec(part) ?? []
    return number === '' ? Number.NaN : (Number(number) * (percent ? 255 : 100)) / 100
  })
  return values.every((value) => value <= 255) ? toHex(values) : undefined
}

/** @see CSS Color 4, section 7.1 */
function fromHsl(hue: string, saturation: string, lightness: string): Color | undefined {
  const [, degrees] = /^(-?\d{1,3}(?:\.\d{1,10})?)(?:deg)?$/.exec(hue) ?? []
  const [s, l] = [saturation, lightness].map((part) => /^(\d{1,3}(?:\.\d{1,10})?)%?$/.exec(part)?.[1])
  if (degrees === undefined || s === undefined || l === undefined || Number(s) > 100 || Number(l) > 100)
    return undefined
  const [h, light] = [((Number(degrees) % 360) + 360) % 360, Number(l) / 100]
  const reach = (Number(s) / 100) * Math.min(light, 1 - light)
  const channel = (n: number): number => {
    const k = (n + h / 30) % 12
    return 255 * (light - reach * Math.max(-1, Math.min(k - 3, 9 - k, 1)))
  }
  return toHex([channel(0), channel(8), channel(4)])
}

const toHex = (channels: readonly number[]): Color =>
  `#${channels.map((channel) => Math.round(channel).toString(16).padStart(2, '0')).join('')}`

const channelsOf = (color: Color): readonly number[] =>
  [1, 3, 5].map((at) => Number.parseInt(color.slice(at, at + 2), 16))

/** From 1 to 21 (WCAG 2.2, "contrast ratio"). */
export function contrast(one: Color, other: Color): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** From 0, black, to 1, white (WCAG 2.2, "relative luminance"). */
export function luminance(color: Color): number {
  const [red = 0, green = 0, blue = 0] = channelsOf(color).map((channel) => {
    const part = channel / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** So much of the second color in the first. */
export function mixed(one: Color, other: Color, share: number): Color {
  const others = channelsOf(other)
  return toHex(channelsOf(one).map((channel, at) => channel + ((others[at] ?? 0) - channel) * share))
}

/** The first of these colors that can be told from all of its grounds, else black or white, whichever is clearer. */
export function legible(
  wanted: readonly (Color | undefined)[],
  grounds: readonly Color[],
  least = TEXT_CONTRAST,
): Color {
  const clearness = (color: Color): number => Math.min(...grounds.map((ground) => contrast(color, ground)))
  const found = wanted.find((color) => color !== undefined && clearness(color) >= least)
  return found ?? (clearness('#000000') >= clearness('#ffffff') ? '#000000' : '#ffffff')
}
