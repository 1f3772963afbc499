import type { Appearance } from '../core/appearance.ts'
import type { Color } from '../core/colors.ts'
import { type Paint, type Palette, paintOf } from './palette.ts'

/**
 * Rules that follow the page's own and change no more than the shop asked for. Everything in them is a color of six
 * digits, a number, or a name out of letters: see `parseAppearance`.
 */
export function appearanceStyle(given: Appearance): string {
  return [colors(given), shapes(given.borderRadius), fonts(given), logo(given)].join('')
}

/** The color of the browser's own frame, where the shop colored the page. */
export const canvasColor = (given: Appearance, scheme: 'light' | 'dark'): Color => paintOf(given, scheme).canvas.bg

function colors(given: Appearance): string {
  const isColored = Object.entries(given).some(([key, value]) => /Color|Background/.test(key) && value !== undefined)
  if (!isColored) return ''
  const light = rules(paintOf(given, 'light'))
  const dark = rules(paintOf(given, 'dark'))
  const contrast = 'body,.sheet,.result{--muted:var(--text);--line:var(--edge);--edge:var(--text)}'
  const night = dark === light ? '' : `@media (prefers-color-scheme:dark){${dark}}`
  // Whoever has colors of their own forced on every page has them here.
  return `@media (forced-colors:none){${light}${night}@media (prefers-contrast:more){${contrast}}}`
}

/** Colors are inherited as they were computed: whoever stands on another ground names its text's color again. */
function rules({ scheme, canvas, sheet, input, button, cancel, mark }: Paint): string {
  const { ground, text } = cancel
  return [
    `:root{color-scheme:${scheme};${roles(canvas)}}`,
    // The canvas goes on below the sheet: what is written there keeps its colors.
    'footer{background:none}',
    `.sheet,.result{${roles(sheet)}color:var(--text)}`,
    `input,select{background:${input.ground};color:${input.text};border-color:${input.border}}`,
    `.field :focus{border-color:${input.focus};outline-color:${input.focus}}`,
    `.pay,.button{--accent:${button.ground};--accent-strong:${button.hover};--on-accent:${button.text};`,
    `outline-color:${sheet.accent}}`,
    `.cancel a,.cancel button,.cancel :hover{color:${text}${ground ? `;background:${ground}` : ''}}`,
    `.shop-mark{background:${mark.ground};color:${mark.text}}`,
  ].join('')
}

const roles = (palette: Palette): string =>
  Object.entries(palette)
    .map(([role, color]) => `--${role}:${color};`)
    .join('')

const RADII = {
  none: ['0', '0', '0'],
  sm: ['.25rem', '.375rem', '.5rem'],
  base: ['.5rem', '.625rem', '.75rem'],
  lg: ['.75rem', '1rem', '1.25rem'],
  xl: ['1rem', '1.25rem', '1.75rem'],
  full: ['1.75rem', '1.5rem', '2rem'],
} as const satisfies Record<
  NonNullable<Appearance['borderRadius']>,
  readonly [control: string, box: string, card: string]
>

function shapes(radius: Appearance['borderRadius']): string {
  if (!radius) return ''
  const [control, box, card] = RADII[radius]
  return [
    `:root{--round:${control}}.pay,.button{border-radius:${control}}.card,.facts{border-radius:${box}}`,
    `.sheet{border-radius:${card} ${card} 0 0}.result:not(.full){border-radius:${card}}`,
    `@media (min-width:45rem){.sheet{border-radius:${card}}}`,
  ].join('')
}

/** Below 95 % an input has less than 16 pixels, and phones would zoom into it. */
const SIZES = { sm: 95, base: 100, lg: 106.25, xl: 112.5 } as const
/** Families that browsers choose themselves are words of CSS, and stand without quotes. */
const GENERIC = /^(?:serif|sans-serif|monospace|cursive|fantasy|system-ui|ui-(?:serif|sans-serif|monospace|rounded))$/i

function fonts({ fontFamily, fontSize }: Appearance): string {
  const families = fontFamily?.map((family) => (GENERIC.test(family) ? family : `"${family}"`))
  const size = fontSize ? `:root{font-size:${SIZES[fontSize]}%}` : ''
  return families ? `${size}body{font-family:${families.join(',')},system-ui,sans-serif}` : size
}

function logo({ logoUrl, logoPosition, logoMaxHeight }: Appearance): string {
  if (!logoUrl) return ''
  const height = logoMaxHeight ?? (logoPosition === 'top' ? 48 : 32)
  // Its height is kept free, so that nothing moves when it comes.
  const own = `.shop-logo{block-size:${height}px;object-fit:contain;object-position:left}`
  const line = '.shop-logo{flex:0 0 100%;min-inline-size:0;margin-block-end:.5rem}'
  return own + (logoPosition === 'top' ? line : '.shop-logo{inline-size:auto;max-inline-size:min(60%,16rem)}')
}
