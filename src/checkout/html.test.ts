import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { html, trustedStyle } from './html.ts'

test('values are escaped, nested templates are not', () => {
  const name = `<b>"Bits" & 'Bobs'</b>`
  assert.equal(
    String(html`<p title="${name}">${html`<i>${name}</i>`}</p>`),
    '<p title="&lt;b&gt;&quot;Bits&quot; &amp; &#39;Bobs&#39;&lt;/b&gt;">' +
      '<i>&lt;b&gt;&quot;Bits&quot; &amp; &#39;Bobs&#39;&lt;/b&gt;</i></p>',
  )
})

test('nothing renders nothing, arrays render each', () => {
  assert.equal(String(html`${undefined}${null}${false}${true}${[html`<i></i>`, 'a<', 1, 2n]}`), '<i></i>a&lt;12')
})

test('no text leaves its attribute or its element', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const markup = String(html`<a title="${text}">${text}</a>`)
      assert.equal(markup.split('"').length, 3)
      assert.equal(markup.split('<').length, 3)
    }),
  )
})

test('an unquoted attribute does not render', () => {
  assert.throws(() => html`<a title=${'x'}></a>`, TypeError)
})

for (const url of [
  'javascript:alert(1)',
  ' JaVaScRiPt:x',
  'java\nscript:x',
  '\u0001javascript:x',
  'data:text/html,x',
  'vbscript:x',
]) {
  test(`a link never runs ${JSON.stringify(url)}`, () => {
    assert.equal(String(html`<a href="${url}">x</a>`), '<a href="#">x</a>')
  })
}
for (const url of ['https://shop.example/?a=1&b=2', '/c/pay/x', 'myapp://done', '#cardNumber', 'mailto:a@b.co']) {
  test(`a link leads to ${url}`, () => {
    assert.equal(String(html`<a href="${url}">x</a>`), `<a href="${url.replace('&', '&amp;')}">x</a>`)
  })
}

test('a style sheet cannot end its element', () => {
  assert.throws(() => trustedStyle('a{}</style><script>'), TypeError)
})
