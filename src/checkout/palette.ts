import type { Appearance } from '../core/appearance.ts'
import { type Color, contrast, legible, luminance, mixed, SHAPE_CONTRAST, TEXT_CONTRAST } from '../core/colors.ts'

/** The roles of colors on the page, by the names that `page.css` has for them. */
export type Palette = {
  readonly bg: Color
  readonly surface: Color
  readonly panel: Color
  readonly text: Color
  readonly muted: Color
  readonly line: Color
  readonly edge: Color
  readonly accent: Color
  readonly 'accent-strong': Color
  readonly 'accent-soft': Color
  readonly 'on-accent': Color
  readonly danger: Color
  readonly 'danger-soft': Color
}
export type Scheme = 'light' | 'dark'

/** The page's own colors, as `page.css` has them; a test compares the two. */
export const OWN: { readonly [scheme in Scheme]: Palette } = {
  light: {
    bg: '#f2f4ef',
    surface: '#ffffff',
    panel: '#f6f8f4',
    text: '#17201c',
    muted: '#55605a',
    line: '#e0e5dd',
    edge: '#7d8882',
    accent: '#0a5c44',
    'accent-strong': '#07452f',
    'accent-soft': '#e3f1ea',
    'on-accent': '#ffffff',
    danger: '#b0251c',
    'danger-soft': '#fdf0ee',
  },
  dark: {
    bg: '#0e1311',
    surface: '#171d1a',
    panel: '#1c2320',
    text: '#e9efeb',
    muted: '#a4b1aa',
    line: '#2a332e',
    edge: '#74817a',
    accent: '#7fd9b6',
    'accent-strong': '#a5ebcf',
    'accent-soft': '#18352a',
    'on-accent': '#05291c',
    danger: '#ffa196',
    'danger-soft': '#2e1a17',
  },
}

export type Filled = { readonly ground: Color; readonly hover: Color; readonly text: Color }
/** Where on the page which colors are, after whatever could not be read was set right. */
export type Paint = {
  readonly scheme: Scheme
  /** Behind everything, and what stands there: the shop's name and the order. */
  readonly canvas: Palette
  /** The card in front of it, with the form or with what happened. */
  readonly sheet: Palette
  readonly input: { readonly ground: Color; readonly text: Color; readonly border: Color; readonly focus: Color }
  readonly button: Filled
  readonly cancel: { readonly ground?: Color; readonly text: Color }
  readonly mark: { readonly ground: Color; readonly text: Color }
}

/**
 * A shop's colors with ours where it has none. Light and dark follow the shopper's device until the shop colors the card
 * or the canvas: then the page is as it says, for everybody.
 */
export function paintOf(given: Appearance, wanted: Scheme): Paint {
  const scheme = schemeOf(given, wanted)
  const own = OWN[scheme]
  const surface = given.backgroundColor ?? own.surface
  const panel = given.backgroundColor ? beside(surface) : own.panel
  const bg = given.pageBackground ?? own.bg
  const input = given.inputBackgroundColor ?? surface
  const sheet = paletteOn([surface, panel], { ...own, surface, panel, bg }, given)
  const borders = [given.inputBorderColor, given.borderColor, own.edge, sheet.muted]
  return {
    scheme,
    canvas: paletteOn([bg], { ...own, surface, panel, bg }, given),
    sheet,
    input: {
      ground: input,
      text: legible([given.textColor, own.text], [input]),
      border: legible(borders, [surface, panel], SHAPE_CONTRAST),
      focus: legible([given.inputFocusBorderColor, sheet.accent], [surface, panel], SHAPE_CONTRAST),
    },
    button: buttonOf(given, own),
    cancel: cancelOf(given, sheet),
    mark: filled(given.secondaryColor ?? given.primaryColor ?? own.accent),
  }
}

function schemeOf({ backgroundColor, pageBackground }: Appearance, wanted: Scheme): Scheme {
  if (backgroundColor) return inkOn(backgroundColor) === '#ffffff' ? 'dark' : 'light'
  return pageBackground ? 'light' : wanted
}

/** A little darker or lighter, as long as what is legible on the one is on the other. */
function beside(surface: Color): Color {
  const ink = inkOn(surface)
  const panel = mixed(surface, ink, 0.03)
  return contrast(ink, panel) >= TEXT_CONTRAST ? panel : mixed(surface, ink === '#000000' ? '#ffffff' : '#000000', 0.05)
}

const inkOn = (ground: Color): Color => legible([], [ground])

/** What is written on these grounds: as the shop wants it, else as we have it, else in black or white. */
function paletteOn(grounds: readonly Color[], own: Palette, given: Appearance): Palette {
  const [ground = own.surface] = grounds
  const text = legible([given.textColor ?? own.text], grounds)
  const isOwn = text === own.text
  const accent = legible([given.primaryColor ?? own.accent, text], grounds)
  const isOwnAccent = accent === own.accent
  const soft = isOwnAccent ? own['accent-soft'] : mixed(ground, accent, 0.1)
  const dangers = [own.danger, OWN.light.danger, OWN.dark.danger]
  const warning = [own['danger-soft'], OWN.light['danger-soft'], OWN.dark['danger-soft']]
  const ink = legible([], grounds)
  const dangerSoft = warning.find((color) => [text, ink].every((on) => contrast(color, on) >= TEXT_CONTRAST)) ?? ground
  return {
    ...own,
    text,
    muted: legible([isOwn ? own.muted : mixed(text, ground, 0.25), text], grounds),
    line: given.borderColor ?? (isOwn ? own.line : mixed(ground, text, 0.15)),
    edge: legible([given.borderColor, own.edge, text], grounds, SHAPE_CONTRAST),
    accent,
    'accent-strong': legible([isOwnAccent ? own['accent-strong'] : mixed(accent, text, 0.3), accent], grounds),
    'accent-soft': legible([accent], [soft], SHAPE_CONTRAST) === accent ? soft : ground,
    'on-accent': isOwnAccent ? own['on-accent'] : inkOn(accent),
    danger: legible(dangers, [...grounds, dangerSoft]),
    'danger-soft': dangerSoft,
  }
}

/** The same words stand on a button whether or not it is pointed at, so a color for that has to leave them legible. */
function buttonOf(given: Appearance, own: Palette): Filled {
  const ground = given.buttonBackgroundColor ?? given.primaryColor ?? own.accent
  const isOwn = ground === own.accent
  const text = legible([given.buttonTextColor ?? (isOwn ? own['on-accent'] : '#ffffff')], [ground])
  const pointed = [
    given.buttonHoverColor,
    given.buttonBackgroundColor ? undefined : given.primaryHoverColor,
    isOwn ? own['accent-strong'] : mixed(ground, luminance(text) > 0.5 ? '#000000' : '#ffffff', 0.15),
  ]
  const hover = pointed.find((color) => color !== undefined && contrast(color, text) >= TEXT_CONTRAST) ?? ground
  return { ground, hover, text }
}

function cancelOf(given: Appearance, sheet: Palette): Paint['cancel'] {
  const { cancelButtonBackgroundColor: ground, cancelButtonTextColor: text } = given
  if (!ground) return { text: legible([text, sheet.muted], [sheet.surface]) }
  return { ground, text: legible([text], [ground]) }
}

const filled = (ground: Color): Paint['mark'] => ({ ground, text: inkOn(ground) })
