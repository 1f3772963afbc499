import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { fillSessionId, judgeReturnUrl, originOf, type ReturnUrlFault, type ReturnUrlRules } from './return-urls.ts'

const LIVE: ReturnUrlRules = { live: true, schemes: ['myapp', 'com.shop.app'], origins: [] }
const TEST: ReturnUrlRules = { ...LIVE, live: false }
const LISTED: ReturnUrlRules = { live: false, schemes: [], origins: ['https://shop.example', 'http://localhost:4120'] }
const T = '{CHECKOUT_SESSION_ID}'

const ACCEPTED: [string, ReturnUrlRules, string][] = [
  ['https://shop.example', LIVE, 'https://shop.example/'],
  ['https://shop.example/done?a=1#top', LIVE, 'https://shop.example/done?a=1#top'],
  [`https://shop.example/${T}?s=${T}#${T}`, LIVE, `https://shop.example/${T}?s=${T}#${T}`],
  [`https://shop.example/checkoutsessionid?s=${T}`, LIVE, `https://shop.example/checkoutsessionid?s=${T}`],
  ['HTTPS://SHOP.Example/A', LIVE, 'https://shop.example/A'],
  ['https://shop.example:8443/', LIVE, 'https://shop.example:8443/'],
  ['https://bücher.example/', LIVE, 'https://xn--bcher-kva.example/'],
  ['https://shop.example/?mail=a@b.example', LIVE, 'https://shop.example/?mail=a@b.example'],
  ['https://192.168.0.7/done', LIVE, 'https://192.168.0.7/done'],
  ['http://localhost:4120/done', TEST, 'http://localhost:4120/done'],
  ['http://shop.localhost/done', TEST, 'http://shop.localhost/done'],
  ['http://127.0.0.1/', TEST, 'http://127.0.0.1/'],
  ['http://0x7f.1/', TEST, 'http://127.0.0.1/'],
  ['http://[::1]:80/', TEST, 'http://[::1]/'],
  [`myapp://paid/${T}`, LIVE, `myapp://paid/${T}`],
  [`com.shop.app:/paid?s=${T}`, LIVE, `com.shop.app:/paid?s=${T}`],
  ['https://shop.example/x', LISTED, 'https://shop.example/x'],
  ['https://SHOP.example:443/x', LISTED, 'https://shop.example/x'],
  ['http://localhost:4120/x', LISTED, 'http://localhost:4120/x'],
]
for (const [text, rules, href] of ACCEPTED) {
  test(`${text} is taken`, () => assert.deepEqual(judgeReturnUrl(text, rules), { ok: true, href }))
}

const REFUSED: [unknown, ReturnUrlRules, ReturnUrlFault][] = [
  ['http://shop.example/', LIVE, 'url_not_https'],
  ['http://shop.example/', TEST, 'url_not_https'],
  ['http://localhost/', LIVE, 'url_not_https'],
  ['http://localhost./', TEST, 'url_not_https'],
  ['http://127.0.0.1.shop.example/', TEST, 'url_not_https'],
  ['http://localhost.shop.example/', TEST, 'url_not_https'],
  ['http://128.0.0.1/', TEST, 'url_not_https'],
  ['javascript:alert(1)', TEST, 'url_scheme'],
  ['JavaScript:alert(1)', TEST, 'url_scheme'],
  ['javascript://shop.example/%0aalert(1)', TEST, 'url_scheme'],
  ['data:text/html,x', TEST, 'url_scheme'],
  ['file:///etc/passwd', TEST, 'url_scheme'],
  ['gopher://shop.example/', TEST, 'url_scheme'],
  ['ftp://shop.example/', TEST, 'url_scheme'],
  ['blob:https://shop.example/1', TEST, 'url_scheme'],
  ['other://paid', TEST, 'url_scheme'],
  ['https://user@shop.example/', LIVE, 'url_userinfo'],
  ['https://user:pw@shop.example/', LIVE, 'url_userinfo'],
  ['https://@shop.example/', LIVE, 'url_userinfo'],
  ['https://shop.example@evil.example/', LIVE, 'url_userinfo'],
  ['myapp://user@paid', LIVE, 'url_userinfo'],
  ['https:\\\\shop.example\\', LIVE, 'url_characters'],
  ['https://shop.example\\@evil.example/', LIVE, 'url_characters'],
  ['https://shop.example/a b', LIVE, 'url_characters'],
  [' https://shop.example/', LIVE, 'url_characters'],
  ['https://shop.example/\n', LIVE, 'url_characters'],
  ['https://shop.\texample/', LIVE, 'url_characters'],
  ['java\nscript:alert(1)', LIVE, 'url_characters'],
  ['https://shop.example/\u0000', LIVE, 'url_characters'],
  ['https://shop.example/\ud800', LIVE, 'url_characters'],
  ['https:shop.example/', LIVE, 'url_invalid'],
  ['https:/shop.example/', LIVE, 'url_invalid'],
  ['https:///shop.example/', LIVE, 'url_invalid'],
  ['https://', LIVE, 'url_invalid'],
  ['//shop.example/', LIVE, 'url_invalid'],
  ['/done', LIVE, 'url_invalid'],
  ['shop.example', LIVE, 'url_invalid'],
  ['myapp:', LIVE, 'url_invalid'],
  ['https://shop.example:99999/', LIVE, 'url_invalid'],
  ['https://999.1.1.1/', LIVE, 'url_invalid'],
  ['', LIVE, 'url_invalid'],
  [null, LIVE, 'url_invalid'],
  [['https://shop.example/'], LIVE, 'url_invalid'],
  [`https://${T}.shop.example/`, LIVE, 'url_template'],
  [`https://${T}/`, LIVE, 'url_template'],
  [`${T}://shop.example/`, LIVE, 'url_template'],
  [`https://shop.example/${'x'.repeat(5000)}`, LIVE, 'url_too_long'],
  ['https://evil.example/', LISTED, 'url_origin'],
  ['https://shop.example.evil.example/', LISTED, 'url_origin'],
  ['https://shop.example./', LISTED, 'url_origin'],
  ['https://shop.example:444/', LISTED, 'url_origin'],
  ['http://localhost:4121/', LISTED, 'url_origin'],
]
for (const [text, rules, code] of REFUSED) {
  test(`${JSON.stringify(text)?.slice(0, 60)} is refused: ${code}`, () => {
    const verdict = judgeReturnUrl(text, rules)
    assert.equal(verdict.ok ? 'taken' : verdict.code, code)
  })
}

test('no account can list a scheme that runs or reads', () => {
  const rules = { ...LIVE, schemes: ['javascript', 'data', 'file', 'http', 'https', 'intent'] }
  for (const text of ['javascript:x', 'data:x', 'file:///x', 'http://shop.example/', 'intent://x']) {
    assert.equal(judgeReturnUrl(text, rules).ok, false, text)
  }
})

const pieces = fc.constantFrom(
  ...['https:', 'http:', '//', '/', '\\', '@', ':', 'shop.example', 'localhost', '127.0.0.1', '?', '#', T, '%2e', '..'],
  ...['javascript:', 'myapp:', ' ', '\t', 'evil.example', '[::1]', '①', '.', 'checkoutsessionid', 'ä', '\ud800'],
)
test('whatever is taken goes where its text says, keeps its template, and is taken again', () => {
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 8 }), fc.constantFrom(LIVE, TEST, LISTED), (parts, rules) => {
      const text = parts.join('')
      const verdict = judgeReturnUrl(text, rules)
      if (!verdict.ok) return assert.ok(verdict.message)
      assert.deepEqual(judgeReturnUrl(verdict.href, rules), verdict)
      assert.equal(verdict.href.split(T).length, text.split(T).length)
      const url = new URL(fillSessionId(verdict.href, 'cs_test_1'))
      assert.equal(url.username + url.password, '')
      assert.ok(['https:', 'http:', 'myapp:'].includes(url.protocol))
      if (url.protocol === 'http:') assert.ok(!rules.live)
      if (rules === LISTED) assert.ok(LISTED.origins.includes(url.origin))
      return undefined
    }),
    { numRuns: 3000 },
  )
})

test('any value gets a verdict', () => {
  fc.assert(
    fc.property(fc.oneof(fc.anything(), fc.string({ unit: 'binary' }), fc.webUrl()), (value) => {
      const verdict = judgeReturnUrl(value, LIVE)
      if (verdict.ok) assert.ok(URL.canParse(verdict.href))
    }),
  )
})

test('the id is filled in wherever it was asked for, with no magic in it', () => {
  assert.equal(fillSessionId(`https://a.example/${T}?s=${T}`, 'cs_test_1'), 'https://a.example/cs_test_1?s=cs_test_1')
  assert.equal(fillSessionId(`https://a.example/${T}`, '$&/?#'), 'https://a.example/%24%26%2F%3F%23')
  assert.equal(fillSessionId('https://a.example/', 'cs_test_1'), 'https://a.example/')
})

const ORIGINS: [string, string | undefined][] = [
  [`https://shop.example:8443/${T}`, 'https://shop.example:8443'],
  ['http://localhost:4120/done', 'http://localhost:4120'],
  ['myapp://paid', 'myapp:'],
  ['com.shop.app:/paid', 'com.shop.app:'],
  ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]'],
  ['https://my_shop.example/', 'https://my_shop.example'],
  ['https://shop.example;form-action/', undefined],
  ['https://a,default-src/', undefined],
  ['https://*/', undefined],
  ['nonsense', undefined],
]
for (const [url, origin] of ORIGINS) test(`form-action for ${url}`, () => assert.equal(originOf(url), origin))
