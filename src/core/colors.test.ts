import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { COLOR_NAMES } from './color-names.ts'
import { type Color, contrast, legible, luminance, mixed, parseColor } from './colors.ts'

describe('a color as CSS writes it', () => {
  const COLORS: readonly [text: string, hex: Color][] = [
    ['#0A5c44', '#0a5c44'],
    [' #abc ', '#aabbcc'],
    ['#abcf', '#aabbcc'],
    ['#0a5c44FF', '#0a5c44'],
    ['RebeccaPurple', '#663399'],
    ['rgb(10, 92, 68)', '#0a5c44'],
    ['rgba(10,92,68,1)', '#0a5c44'],
    ['rgb(10 92 68 / 100%)', '#0a5c44'],
    ['rgb(100% 0% 50%)', '#ff0080'],
    ['hsl(120, 100%, 25%)', '#008000'],
    ['hsl(-240deg 100% 25% / 1.0)', '#008000'],
    ['hsla(0, 0%, 100%, 1)', '#ffffff'],
  ]
  for (const [text, hex] of COLORS) test(`${text} is ${hex}`, () => assert.equal(parseColor(text), hex))

  const NONE: readonly unknown[] = [
    '',
    '#',
    '#12',
    '#12345',
    '#1234567',
    '#gggggg',
    '#0a5c4480',
    'transparent',
    'currentcolor',
    'inherit',
    'rgb(256, 0, 0)',
    'rgb(1, 2)',
    'rgb(1, 2, 3, 4, 5)',
    'rgb(1, 2, 3, .5)',
    'rgb(1, 2, x)',
    'hsl(0, 101%, 50%)',
    'var(--x)',
    'url(https://evil.example)',
    'red;}body{display:none',
    'red</style><script>',
    'constructor',
    `#${'0'.repeat(100)}`,
    `rgb(${' '.repeat(200)}`,
    0xffffff,
    null,
    ['red'],
  ]
  for (const text of NONE) test(`${JSON.stringify(text)} is none`, () => assert.equal(parseColor(text), undefined))

  test('whatever is written, what comes out is six digits', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^(rgb|hsl)a?\([-\d.,%/ a-z]{0,30}\)$/)), (text) => {
        assert.match(parseColor(text) ?? '#000000', /^#[0-9a-f]{6}$/)
      }),
    )
  })

  test('there are 148 names', () => assert.equal(COLOR_NAMES.size, 148))
})

test('contrast is that of WCAG', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21)
  assert.equal(contrast('#777777', '#777777'), 1)
  assert.equal(contrast('#767676', '#ffffff').toFixed(2), '4.54')
  assert.equal(contrast('#ffffff', '#777777').toFixed(2), '4.48')
  assert.equal(luminance('#ff0000').toFixed(4), '0.2126')
})

test('half of one in the other', () => {
  assert.equal(mixed('#000000', '#ffffff', 0.5), '#808080')
  assert.equal(mixed('#102030', '#ffffff', 0), '#102030')
  assert.equal(mixed('#102030', '#a0b0c0', 1), '#a0b0c0')
})

describe('what can be read', () => {
  const color = fc.stringMatching(/^#[0-9a-f]{6}$/) as fc.Arbitrary<Color>

  test('is what is wanted, where that can be read, else black or white', () => {
    assert.equal(legible(['#767676'], ['#ffffff']), '#767676')
    assert.equal(legible(['#777777'], ['#ffffff']), '#000000')
    assert.equal(legible(['#777777', '#333333'], ['#ffffff']), '#333333')
    assert.equal(legible([undefined, '#eeeeee'], ['#222222', '#000000']), '#eeeeee')
    assert.equal(legible(['#000000'], ['#222222']), '#ffffff')
  })

  test('on one ground it always can', () => {
    fc.assert(
      fc.property(color, color, (wanted, ground) => {
        assert.ok(contrast(legible([wanted], [ground]), ground) >= 4.5)
      }),
    )
  })
})
