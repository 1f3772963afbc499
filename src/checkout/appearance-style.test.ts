import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { FORM, LOUD, pageModels, VISIT } from '../../test/support/page-models.ts'
import { type Appearance, parseAppearance } from '../core/appearance.ts'
import { type Color, contrast } from '../core/colors.ts'
import { appearanceStyle } from './appearance-style.ts'
import { type BuiltAssets, buildAssets } from './assets.ts'
import { OWN, type Palette, paintOf, type Scheme } from './palette.ts'
import { renderPage } from './render-page.ts'

const SCHEMES: readonly Scheme[] = ['light', 'dark']

test('our colors here are those of the style sheet', () => {
  const css = readFileSync(new URL('page.css', import.meta.url), 'utf8')
  const blocks = { light: css.indexOf(':root'), dark: css.indexOf(':root', css.indexOf('dark)')) }
  for (const scheme of SCHEMES) {
    const block = css.slice(blocks[scheme], css.indexOf('}', blocks[scheme]))
    for (const [role, color] of Object.entries(OWN[scheme])) {
      const [, written = ''] = new RegExp(`--${role}: (#\\w+);`).exec(block) ?? []
      assert.equal(written.length === 4 ? written.replace(/\w/g, '$&$&') : written, color, `${role} when ${scheme}`)
    }
  }
})

describe('whatever a shop wants, what is written can be read', () => {
  const color = fc.stringMatching(/^#[0-9a-f]{6}$/) as fc.Arbitrary<Color>
  const keys = [
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
    'pageBackground',
  ] as const
  const appearance = fc.dictionary(fc.constantFrom(...keys), color) as fc.Arbitrary<Appearance>

  /** Every pair of text and ground that the style sheet has. */
  function pairsOf(given: Appearance, scheme: Scheme): readonly [name: string, text: Color, ground: Color][] {
    const { canvas, sheet, input, button, cancel, mark } = paintOf(given, scheme)
    const on = (palette: Palette, ground: Color, name: string) =>
      (['text', 'muted', 'accent', 'accent-strong'] as const).map(
        (role) => [`${role} on ${name}`, palette[role], ground] as [string, Color, Color],
      )
    return [
      ...on(canvas, canvas.bg, 'canvas'),
      ...on(sheet, sheet.surface, 'sheet'),
      ...on(sheet, sheet.panel, 'panel'),
      ['danger on sheet', sheet.danger, sheet.surface],
      ['danger on panel', sheet.danger, sheet.panel],
      ['danger on its own', sheet.danger, sheet['danger-soft']],
      ['text on danger', sheet.text, sheet['danger-soft']],
      ['tick', sheet['on-accent'], sheet.accent],
      ['input', input.text, input.ground],
      ['button', button.text, button.ground],
      ['button under the pointer', button.text, button.hover],
      ['cancel', cancel.text, cancel.ground ?? sheet.surface],
      ['mark', mark.text, mark.ground],
    ]
  }

  for (const scheme of SCHEMES) {
    test(`when it is ${scheme}`, () => {
      const judge = (given: Appearance) => {
        for (const [name, text, ground] of pairsOf(given, scheme)) {
          assert.ok(contrast(text, ground) >= 4.5, `${name}: ${text} on ${ground}`)
        }
        const { sheet, input } = paintOf(given, scheme)
        for (const edge of [input.border, input.focus, sheet.edge]) {
          assert.ok(contrast(edge, sheet.surface) >= 3, `${edge} beside ${sheet.surface}`)
        }
      }
      judge({})
      judge(LOUD)
      fc.assert(fc.property(appearance, judge), { numRuns: 2000 })
    })
  }

  test('what can be read stays as the shop wants it', () => {
    const { sheet, button, canvas } = paintOf(
      { textColor: '#222222', backgroundColor: '#ffffff', primaryColor: '#7c3aed', pageBackground: '#e6e6fa' },
      'dark',
    )
    assert.deepEqual([sheet.text, sheet.surface, sheet.accent], ['#222222', '#ffffff', '#7c3aed'])
    assert.deepEqual([button.ground, button.text, canvas.bg], ['#7c3aed', '#ffffff', '#e6e6fa'])
  })
})

describe('the style of an appearance', () => {
  test('is nothing where nothing is asked for', () => assert.equal(appearanceStyle({}), ''))

  test('holds nothing that could end a rule early', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(LOUD)), fc.anything()), (input) => {
        const style = appearanceStyle(parseAppearance({ ...LOUD, ...input }))
        assert.match(style, /^[\w\s{}:;,#%.()"@>-]*$/)
        assert.equal(style.split('{').length, style.split('}').length)
        assert.doesNotMatch(style, /url|import|expression/)
      }),
    )
  })

  test('has one form of each choice', () => {
    assert.match(appearanceStyle({ borderRadius: 'none' }), /--round:0\}/)
    assert.match(appearanceStyle({ fontSize: 'xl' }), /:root\{font-size:112\.5%\}/)
    assert.match(
      appearanceStyle({ fontFamily: ['Comic Sans MS', 'serif'] }),
      /body\{font-family:"Comic Sans MS",serif,system-ui,sans-serif\}/,
    )
    const logoUrl = 'https://cdn.example/logo.svg'
    assert.match(appearanceStyle({ logoUrl, logoMaxHeight: 60 }), /block-size:60px/)
    assert.match(appearanceStyle({ logoUrl, logoPosition: 'top' }), /flex:0 0 100%/)
  })
})

describe('a page with an appearance', () => {
  let assets: BuiltAssets
  before(async () => {
    assets = await buildAssets()
  })
  const render = (appearance: Appearance | undefined): string => {
    const model = pageModels(assets).get('02-form')
    assert.ok(model)
    return renderPage({ ...model, visit: { ...VISIT, ...(appearance ? { appearance } : {}) }, screen: FORM })
  }

  test('is the plain one, byte for byte, where there is none', () => {
    assert.equal(render({}), render(undefined))
    assert.doesNotMatch(render(undefined), /shop-logo|font-family:"G/)
  })

  test('weighs no more than 20 KB with all of them', () => {
    const page = render({ ...LOUD, logoUrl: 'https://cdn.example/logo.svg', logoPosition: 'top' })
    const gz = (bytes: string | Uint8Array): number => gzipSync(bytes, { level: 9 }).length
    const total = gz(page) + gz(assets.script)
    assert.ok(total <= 20 * 1024, `${total}`)
  })

  test('says what the shop wants on the button, as text, and hides what it may hide', () => {
    const page = render({
      cancelButtonText: '<b>Back</b>',
      hideBranding: true,
      showMerchantName: false,
      logoUrl: 'https://cdn.example/a"b.svg',
    })
    assert.match(page, /&lt;b&gt;Back&lt;\/b&gt;<\/a>/)
    assert.doesNotMatch(page, /Powered by/)
    assert.match(page, /<span class="shop-name unseen" dir="auto">Halden Coffee<\/span>/)
    assert.match(page, /<img class="shop-logo" src="https:\/\/cdn\.example\/a&quot;b\.svg" alt=""/)
  })
})
