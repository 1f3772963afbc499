import { type Html, html } from './html.ts'

const SERIF = 'Iowan Old Style, Palatino, Georgia, serif'
const SANS = 'Avenir Next, Helvetica Neue, Arial, sans-serif'

/** The cover of a book, drawn here. It repeats the title that stands beside it, so it is hidden from screen readers. */
export function renderCover(slug: string): Html {
  return html`<svg class="cover" viewBox="0 0 200 300" aria-hidden="true" focusable="false">${COVERS[slug]?.()}<path d="M0 0h200v300H0z" fill="none" stroke="#000" stroke-opacity=".18"/><path d="M8 0v300" stroke="#fff" stroke-opacity=".22"/><path d="M9.5 0v300" stroke="#000" stroke-opacity=".16"/></svg>`
}

const COVERS: Readonly<Record<string, () => Html>> = {
  'the-salt-atlas': drawSaltAtlas,
  'night-ferry-to-anywhere': drawNightFerry,
  'a-field-guide-to-quiet': drawQuiet,
  'the-clockmakers-orchard': drawOrchard,
  'eleven-ways-to-fold-a-map': drawMap,
  'soup-for-the-weather': drawSoup,
}

type Point = readonly [x: number, y: number]

function paper(color: string): Html {
  return html`<path d="M0 0h200v300H0z" fill="${color}"/>`
}

type Lettering = { readonly at: Point; readonly size: number; readonly fill: string; readonly middle?: boolean }

function serif(lines: readonly string[], { at: [x, y], size, fill, middle = false }: Lettering): Html {
  const spans = lines.map((line, row) => html`<tspan x="${x}" y="${y + row * size * 1.08}">${line}</tspan>`)
  return html`<text font-family="${SERIF}" font-size="${size}" fill="${fill}" text-anchor="${middle ? 'middle' : 'start'}">${spans}</text>`
}

function byline(author: string, { at: [x, y], size, fill, middle = false }: Lettering): Html {
  return html`<text x="${x}" y="${y}" font-family="${SANS}" font-size="${size}" letter-spacing="1.6" fill="${fill}" text-anchor="${middle ? 'middle' : 'start'}">${author.toUpperCase()}</text>`
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}

/** A closed line around the middle of an island, wobbling more as it goes outwards. */
function contour(radius: number): string {
  const points = Array.from({ length: 28 }, (_, step): Point => {
    const angle = (step / 28) * 2 * Math.PI
    const wobble = 1 + 0.2 * Math.sin(2 * angle + 0.5) + 0.1 * Math.sin(3 * angle + 1 + radius / 70)
    return [round(112 + radius * wobble * Math.cos(angle)), round(208 + radius * 0.92 * wobble * Math.sin(angle))]
  })
  const curves = points.map(([x, y], at) => {
    const [nextX, nextY] = points[(at + 1) % points.length] ?? [x, y]
    return `${at === 0 ? `M${round((x + nextX) / 2)} ${round((y + nextY) / 2)}` : `Q${x} ${y} ${round((x + nextX) / 2)} ${round((y + nextY) / 2)}`}`
  })
  return `${curves.join('')}Z`
}

function drawSaltAtlas(): Html {
  const lines = [12, 24, 37, 51, 66, 82, 99, 117, 136, 156].map((radius, at) => {
    return html`<path d="${contour(radius)}" fill="none" stroke="#a9dccb" stroke-width="${at % 3 === 0 ? 1.5 : 0.8}" stroke-opacity="${round(Math.max(0.15, 1 - at * 0.11))}"/>`
  })
  return html`${paper('#0e4a4c')}<path d="${contour(37)}" fill="#f2e6c9"/><path d="${contour(51)}" fill="none" stroke="#f2e6c9" stroke-width="5" stroke-opacity=".25"/>${lines}${serif(['The Salt', 'Atlas'], { at: [22, 46], size: 33, fill: '#f2e6c9' })}${byline('Ines Marrow', { at: [23, 101], size: 8.5, fill: '#cfeee2' })}<circle cx="116" cy="204" r="3" fill="#d1495b"/>`
}

function drawNightFerry(): Html {
  const glimmer = [62, 48, 56, 34, 42, 24, 30, 14].map((width, at) => {
    const x = 134 - width / 2 + (at % 2 === 0 ? -4 : 5)
    return html`<rect x="${x}" y="${196 + at * 11}" width="${width}" height="2.6" rx="1.3" fill="#f6d58a" fill-opacity="${round(0.95 - at * 0.09)}"/>`
  })
  const windows = [0, 1, 2, 3, 4, 5, 6].map(
    (at) => html`<rect x="${44 + at * 8}" y="172" width="4" height="4" fill="#f6d58a"/>`,
  )
  const stars = [
    [32, 118],
    [58, 138],
    [92, 112],
    [176, 152],
    [24, 152],
    [78, 158],
  ].map(([x = 0, y = 0]) => html`<circle cx="${x}" cy="${y}" r="1" fill="#fff"/>`)
  return html`${paper('#151c44')}${stars}<circle cx="134" cy="142" r="30" fill="#f6d58a"/><path d="M0 188h200v112H0z" fill="#0d1230"/>${glimmer}<path d="M30 180h84l-8 14H42zM40 168h58v12H40zM52 158h26v10H52zM66 146h7v12h-7z" fill="#070a1e"/>${windows}${serif(['Night Ferry', 'to Anywhere'], { at: [22, 44], size: 27, fill: '#fff' })}${byline('Tomas Okafor', { at: [23, 92], size: 8.5, fill: '#f6d58a' })}`
}

function drawQuiet(): Html {
  const leaves = [0, 1, 2, 3, 4, 5].map((at) => {
    const y = 196 - at * 17
    const size = 24 - at * 2.6
    const side = at % 2 === 0 ? 1 : -1
    return html`<path d="M100 ${y}q${side * size * 0.5} ${-size} ${side * size * 1.35} ${-size * 0.95}q${-side * size * 0.1} ${size * 0.8} ${-side * size * 1.35} ${size * 0.95}z" fill="#33513f"/>`
  })
  return html`${paper('#dfe3d2')}<circle cx="100" cy="128" r="62" fill="#f3c9a5"/><path d="M100 226V98" stroke="#33513f" stroke-width="1.8" stroke-linecap="round"/>${leaves}<path d="M100 104q-5 -12 0 -24q5 12 0 24z" fill="#33513f"/><path d="M58 226h84" stroke="#33513f"/>${serif(['A Field Guide', 'to Quiet'], { at: [100, 252], size: 19, fill: '#22382c', middle: true })}${byline('June Hallam', { at: [100, 38], size: 8.5, fill: '#22382c', middle: true })}`
}

function drawOrchard(): Html {
  const hours = Array.from({ length: 12 }, (_, hour) => {
    const angle = (hour / 12) * 2 * Math.PI
    const at = { x: round(100 + 58 * Math.sin(angle)), y: round(122 - 58 * Math.cos(angle)) }
    return html`<circle cx="${at.x}" cy="${at.y}" r="${hour % 3 === 0 ? 7 : 5}" fill="${hour % 3 === 0 ? '#f4a24c' : '#e2572e'}"/>`
  })
  return html`${paper('#f1e3cb')}<path d="M91 176c0 22 -4 34 -16 42h50c-12 -8 -16 -20 -16 -42z" fill="#5b2f22"/><circle cx="100" cy="122" r="78" fill="#2d5340"/><circle cx="100" cy="122" r="70" fill="none" stroke="#4d7a62" stroke-width=".8"/>${hours}<path d="M100 122L72 98" stroke="#f1e3cb" stroke-width="4" stroke-linecap="round"/><path d="M100 122l33 -30" stroke="#f1e3cb" stroke-width="2.4" stroke-linecap="round"/><circle cx="100" cy="122" r="4.5" fill="#f1e3cb"/><path d="M40 218h120" stroke="#5b2f22" stroke-width="1.2"/>${serif(['The Clockmaker’s', 'Orchard'], { at: [100, 246], size: 21, fill: '#43201a', middle: true })}${byline('Petra Lindgren', { at: [100, 289], size: 8, fill: '#43201a', middle: true })}`
}

function drawMap(): Html {
  const folds = Array.from({ length: 11 }, (_, at) => {
    const x = 18 + at * 15
    const [left, right] = at % 2 === 0 ? [0, 14] : [14, 0]
    const fill = at % 2 === 0 ? '#f7f3e8' : '#d9e3ea'
    return html`<path d="M${x} ${132 + left}L${x + 15} ${132 + right}V${262 + right}L${x} ${262 + left}Z" fill="${fill}"/>`
  })
  const river = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((at) => {
    const y = 222 - at * 3 + (at % 2 === 0 ? 0 : 14) - (at % 5) * 4
    return `${at === 0 ? 'M' : 'L'}${18 + at * 15} ${y}`
  })
  return html`${paper('#d8432f')}${folds}<path d="${river.join('')}" fill="none" stroke="#2b6ca3" stroke-width="5" stroke-linejoin="round"/><path d="M33 168l15 -6 15 16 15 -8 15 12 15 -14 15 24 15 -2" fill="none" stroke="#1d2433" stroke-width="1.4" stroke-dasharray="3 4"/><path d="M138 186l8 8m0 -8l-8 8" stroke="#d8432f" stroke-width="3" stroke-linecap="round"/>${serif(['Eleven Ways', 'to Fold a Map'], { at: [19, 50], size: 26, fill: '#fff' })}${byline('Kenji Abara', { at: [20, 103], size: 9, fill: '#fff' })}`
}

function drawSoup(): Html {
  const rain = [
    [66, 136],
    [82, 150],
    [98, 134],
    [114, 152],
    [130, 138],
    [74, 168],
    [106, 172],
    [124, 168],
    [90, 184],
  ].map(
    ([x = 0, y = 0]) => html`<path d="M${x} ${y}l-4 12" stroke="#23395b" stroke-width="2.4" stroke-linecap="round"/>`,
  )
  return html`${paper('#efb949')}<path d="M56 122a21 21 0 0 1 4 -41a30 30 0 0 1 56 -8a25 25 0 0 1 34 49z" fill="#fdf6e3"/>${rain}<path d="M36 208h128c0 34 -24 54 -46 58h-36c-22 -4 -46 -24 -46 -58z" fill="#23395b"/><ellipse cx="100" cy="208" rx="64" ry="10" fill="#c8452f"/><ellipse cx="100" cy="206" rx="52" ry="5" fill="#e2613f"/><path d="M43 230c20 10 94 10 114 0" fill="none" stroke="#efb949" stroke-width="2.5"/><path d="M74 266h52v7H74z" fill="#23395b"/>${serif(['Soup for the Weather'], { at: [100, 38], size: 18.5, fill: '#23395b', middle: true })}${byline('Rosa Delmas', { at: [100, 289], size: 8, fill: '#23395b', middle: true })}`
}
