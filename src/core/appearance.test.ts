import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { parseAppearance } from './appearance.ts'

const WHOLE = {
  primaryColor: '#7c3aed',
  primaryHoverColor: 'rgb(91, 33, 182)',
  secondaryColor: 'gold',
  backgroundColor: '#fff',
  textColor: '#111827',
  borderColor: '#e5e7eb',
  buttonBackgroundColor: 'hotpink',
  buttonHoverColor: 'deeppink',
  buttonTextColor: 'white',
  inputBackgroundColor: '#f9fafb',
  inputBorderColor: '#6b7280',
  inputFocusBorderColor: '#7c3aed',
  borderRadius: 'xl',
  fontFamily: '"Comic Sans MS", Inter, sans-serif',
  fontSize: 'lg',
  logoUrl: 'https://cdn.shop.example/logo.svg?v=2',
  logoPosition: 'top',
  logoMaxHeight: 64,
  showMerchantName: false,
  hideBranding: true,
  cancelButtonText: 'Back to the cart',
  cancelButtonTextColor: '#333',
  cancelButtonBackgroundColor: '#eee',
  cssVariables: { 'page-background': 'lavender', '--evil': 'url(x)' },
  layout: 'two-columns',
}

test('every key that is known is taken, and no other', () => {
  assert.deepEqual(parseAppearance(WHOLE), {
    primaryColor: '#7c3aed',
    primaryHoverColor: '#5b21b6',
    secondaryColor: '#ffd700',
    backgroundColor: '#ffffff',
    textColor: '#111827',
    borderColor: '#e5e7eb',
    buttonBackgroundColor: '#ff69b4',
    buttonHoverColor: '#ff1493',
    buttonTextColor: '#ffffff',
    inputBackgroundColor: '#f9fafb',
    inputBorderColor: '#6b7280',
    inputFocusBorderColor: '#7c3aed',
    cancelButtonTextColor: '#333333',
    cancelButtonBackgroundColor: '#eeeeee',
    pageBackground: '#e6e6fa',
    borderRadius: 'xl',
    fontSize: 'lg',
    fontFamily: ['Comic Sans MS', 'Inter', 'sans-serif'],
    logoUrl: 'https://cdn.shop.example/logo.svg?v=2',
    logoPosition: 'top',
    logoMaxHeight: 64,
    showMerchantName: false,
    hideBranding: true,
    cancelButtonText: 'Back to the cart',
  })
})

describe('what cannot be used is left out, and the rest stays', () => {
  const NONE: readonly [key: string, value: unknown][] = [
    ['primaryColor', 'red;}body{display:none'],
    ['borderRadius', '12px'],
    ['borderRadius', 'constructor'],
    ['fontSize', '20px'],
    ['fontFamily', 'a;b}c{'],
    ['fontFamily', ''],
    ['fontFamily', 'x'.repeat(301)],
    ['logoUrl', 'http://cdn.shop.example/logo.svg'],
    ['logoUrl', 'data:image/svg+xml,<svg/>'],
    ['logoUrl', 'javascript:alert(1)'],
    ['logoUrl', 'https://me:secret@cdn.shop.example/'],
    ['logoUrl', `https://cdn.shop.example/${'x'.repeat(2048)}`],
    ['logoPosition', 'left'],
    ['logoMaxHeight', '3em'],
    ['logoMaxHeight', Number.NaN],
    ['showMerchantName', 'no'],
    ['cancelButtonText', ''],
    ['cancelButtonText', ' '],
    ['cancelButtonText', 'x'.repeat(61)],
    ['cancelButtonText', 'a\u202eb'],
    ['cancelButtonText', '4242 4242 4242 4242'],
    ['cssVariables', { 'page-background': 'url(https://evil.example/)' }],
    ['cssVariables', 'page-background'],
  ]
  for (const [key, value] of NONE) {
    test(`${key}: ${JSON.stringify(value).slice(0, 60)}`, () => {
      const usable = { secondaryColor: 'gold', [key]: value }
      assert.deepEqual(parseAppearance(usable), { secondaryColor: '#ffd700' })
    })
  }

  test('all of it, where it is none', () => {
    for (const none of [undefined, null, 'red', 7, [], {}]) assert.deepEqual(parseAppearance(none), {})
  })
})

test('a logo has a height that the page can bear', () => {
  const heightOf = (logoMaxHeight: unknown) => parseAppearance({ logoMaxHeight }).logoMaxHeight
  assert.deepEqual([1, 48.6, '60', '60px', 9999].map(heightOf), [16, 48, 60, 60, 120])
})

test('what was parsed is the same again, whatever it was', () => {
  assert.deepEqual(parseAppearance(parseAppearance(WHOLE)), parseAppearance(WHOLE))
  const keys = fc.constantFrom(...Object.keys(WHOLE), '__proto__', 'pageBackground')
  fc.assert(
    fc.property(fc.dictionary(keys, fc.oneof(fc.string(), fc.anything(), fc.constant('#abc'))), (input) => {
      const once = parseAppearance(input)
      assert.deepEqual(parseAppearance(JSON.parse(JSON.stringify(once))), once)
      const { cancelButtonText: _, logoUrl: __, ...inStyle } = once
      for (const value of Object.values(inStyle).flat()) assert.match(String(value), /^[#\w -]+$/)
    }),
  )
})
