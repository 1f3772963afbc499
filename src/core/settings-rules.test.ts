import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import type { AccountSettings } from './settings.ts'
import { applySettings, parseSettings, renderSettings, SETTING_RULES, sealSettings } from './settings-rules.ts'

const ACCEPTED: readonly (readonly [name: string, given: unknown, stored: unknown])[] = [
  ['display_name', 'Bücher & mehr', 'Bücher & mehr'],
  ['statement_descriptor', ' BOOK SHOP ', 'BOOK SHOP'],
  ['support_email', 'help@shop.example', 'help@shop.example'],
  ['support_url', 'https://shop.example/help', 'https://shop.example/help'],
  ['terms_url', 'http://localhost:3000/terms', 'http://localhost:3000/terms'],
  ['return_url_origins', ['https://Shop.example/', 'https://shop.example:443'], ['https://shop.example']],
  ['return_url_origins', ['http://127.0.0.1:4120'], ['http://127.0.0.1:4120']],
  ['return_url_schemes', ['BookShop', 'com.example.app'], ['bookshop', 'com.example.app']],
  ['default_success_url', 'https://s.example/?id={CHECKOUT_SESSION_ID}', 'https://s.example/?id={CHECKOUT_SESSION_ID}'],
  ['default_cancel_url', 'bookshop://cart', 'bookshop://cart'],
  ['default_locale', 'pt-br', 'pt-BR'],
  [
    'secpaid_callback_urls',
    ['https://s.example/a?b=1', 'http://localhost:3000/'],
    ['https://s.example/a?b=1', 'http://localhost:3000/'],
  ],
  ['secpaid_payment_endpoints', ['http://127.0.0.1:3000/hook'], ['http://127.0.0.1:3000/hook']],
  ['secpaid_notice_format', 'urlencoded', 'urlencoded'],
  ['secpaid_encryption_key', 'x'.repeat(32), 'x'.repeat(32)],
  ['terms_url', '', null],
  ['return_url_origins', [], null],
  ['return_url_schemes', null, null],
]
for (const [name, given, stored] of ACCEPTED) {
  test(`${name} takes ${JSON.stringify(given)}`, () => {
    const parsed = parseSettings({ [name]: given })
    assert.deepEqual(parsed.ok ? Object.values(parsed.changes) : parsed.faults, [stored])
  })
}

const REFUSED: readonly (readonly [name: string, given: unknown, field: string, message: RegExp])[] = [
  ['display_name', 'x'.repeat(101), 'display_name', /at most 100/],
  ['display_name', '   ', 'display_name', /blank/],
  ['display_name', 'a\u0000b', 'display_name', /NUL/],
  ['display_name', 'Shop 4242424242424242', 'display_name', /card number/],
  ['display_name', 7, 'display_name', /must be a text/],
  ['display_name', ['Shop'], 'display_name', /must be a text/],
  ['secpaid_payment_endpoints', ['http://shop.example/'], 'secpaid_payment_endpoints[0]', /https/],
  ['secpaid_notice_format', 'xml', 'secpaid_notice_format', /json, urlencoded/],
  ['secpaid_encryption_key', 'x'.repeat(31), 'secpaid_encryption_key', /32/],
  ['secpaid_encryption_key', 'ü'.repeat(32), 'secpaid_encryption_key', /32/],
  ['statement_descriptor', 'SHOP', 'statement_descriptor', /at least 5/],
  ['statement_descriptor', 'A MUCH TOO LONG DESCRIPTOR', 'statement_descriptor', /at most 22/],
  ['statement_descriptor', '12345', 'statement_descriptor', /one letter/],
  ['statement_descriptor', 'BOOK*SHOP', 'statement_descriptor', /must not contain any/],
  ['statement_descriptor', 'BÜCHER', 'statement_descriptor', /A to Z/],
  ['support_email', 'help@shop', 'support_email', /email address/],
  ['support_url', 'http://shop.example', 'support_url', /https/],
  ['terms_url', 'javascript:alert(1)', 'terms_url', /https/],
  ['privacy_url', 'https://shop.example/{CHECKOUT_SESSION_ID}', 'privacy_url', /must not contain/],
  ['privacy_url', 'https://me:secret@shop.example/', 'privacy_url', /user name/],
  ['return_url_origins', 'https://shop.example', 'return_url_origins', /must be a list/],
  ['return_url_origins', ['https://a.example', 'https://b.example/path'], 'return_url_origins[1]', /only/],
  ['return_url_origins', ['http://shop.example'], 'return_url_origins[0]', /https/],
  ['return_url_origins', Array.from({ length: 21 }, (_, n) => `https://s${n}.example`), 'return_url_origins', /20/],
  ['return_url_schemes', ['javascript'], 'return_url_schemes[0]', /app's own/],
  ['return_url_schemes', ['https'], 'return_url_schemes[0]', /app's own/],
  ['return_url_schemes', ['myshop:'], 'return_url_schemes[0]', /without colon/],
  ['default_success_url', '/thanks', 'default_success_url', /absolute/],
  ['default_cancel_url', 'data:text/html,x', 'default_cancel_url', /scheme/],
  ['default_locale', 'auto', 'default_locale', /language tag/],
  ['default_lokale', 'de', 'default_lokale', /did you mean default_locale/],
  ['__proto__', 'x', '__proto__', /no setting/],
]
for (const [name, given, field, message] of REFUSED) {
  test(`${name} refuses ${JSON.stringify(given).slice(0, 60)}`, () => {
    const parsed = parseSettings(Object.defineProperty({}, name, { value: given, enumerable: true }))
    assert.equal(parsed.ok, false)
    assert.deepEqual(
      parsed.faults.map((fault) => fault.field),
      [field],
    )
    assert.match(parsed.faults[0]?.message ?? '', message)
  })
}

test('all faults are told at once, and nothing is changed then', () => {
  const parsed = parseSettings({ display_name: 'Fine', terms_url: 'x', support_email: 'y', colour: 'red' })
  assert.equal(parsed.ok, false)
  assert.deepEqual(
    parsed.faults.map((fault) => fault.field),
    ['terms_url', 'support_email', 'colour'],
  )
})

for (const input of [null, 'display_name', ['display_name'], 7, undefined]) {
  test(`${JSON.stringify(input)} holds no settings`, () => {
    const parsed = parseSettings(input)
    assert.deepEqual(parsed.ok ? [] : parsed.faults.map((fault) => fault.field), [''])
  })
}

test('every documented sample is accepted and comes back under its own name', () => {
  for (const rule of Object.values(SETTING_RULES)) {
    const parsed = parseSettings({ [rule.name]: 'most' in rule ? rule.sample.split(',') : rule.sample })
    assert.ok(parsed.ok, rule.name)
    const rendered = renderSettings(parsed.changes as Parameters<typeof renderSettings>[0])
    assert.equal(String(rendered[rule.name]), 'secret' in rule ? '********' : rule.sample)
  }
})

test('whatever is sent is judged, never thrown at', () => {
  const name = fc.constantFrom(...Object.values(SETTING_RULES).map((rule) => rule.name))
  const value = fc.oneof(fc.string(), fc.string({ unit: 'binary' }), fc.webUrl(), fc.anything(), fc.array(fc.string()))
  fc.assert(
    fc.property(fc.dictionary(name, value), (input) => {
      const parsed = parseSettings(input)
      if (!parsed.ok) assert.ok(parsed.faults.length > 0)
      else assert.deepEqual(parseSettings(renderedAgain(parsed.changes)), parsed)
    }),
    { numRuns: 300 },
  )
})

/** What was accepted is accepted again under its outside names, and means the same. */
function renderedAgain(changes: object): Record<string, unknown> {
  const names = new Map(Object.entries(SETTING_RULES).map(([field, rule]) => [field, rule.name]))
  return Object.fromEntries(Object.entries(changes).map(([field, value]) => [names.get(field) ?? '', value]))
}

test('a change keeps what it does not name, and null takes away', () => {
  const current = { displayName: 'Shop', termsUrl: 'https://shop.example/terms' }
  const applied = applySettings(current, { termsUrl: null, supportEmail: 'help@shop.example' }, true)
  assert.deepEqual(applied, { ok: true, settings: { displayName: 'Shop', supportEmail: 'help@shop.example' } })
})

test("a default URL obeys the account's origins and schemes, whichever of them changes", () => {
  const changes = { returnUrlOrigins: ['https://shop.example'] }
  const elsewhere = applySettings({ defaultSuccessUrl: 'https://other.example/' }, changes, true)
  assert.deepEqual(elsewhere.ok ? [] : elsewhere.faults.map((fault) => fault.field), ['default_success_url'])
  const app = applySettings({}, { defaultCancelUrl: 'bookshop://cart' }, true)
  assert.deepEqual(app.ok ? [] : app.faults.map((fault) => fault.field), ['default_cancel_url'])
  assert.ok(applySettings({ returnUrlSchemes: ['bookshop'] }, { defaultCancelUrl: 'bookshop://cart' }, true).ok)
})

test('a default URL on this machine is for test mode alone', () => {
  const changes = { defaultSuccessUrl: 'http://localhost:4242/done' }
  assert.ok(applySettings({}, changes, false).ok)
  const live = applySettings({}, changes, true)
  assert.deepEqual(live.ok ? [] : live.faults.map((fault) => fault.field), ['default_success_url'])
})

test('a secret is sealed before it rests, and encryption needs one', () => {
  const seal = (secret: string) => Buffer.from(secret.toUpperCase())
  const sealed = sealSettings({ secpaidEncryptionKey: 'a'.repeat(32), displayName: 'Shop' }, seal)
  assert.deepEqual(sealed, {
    secpaidEncryptionKey: Buffer.from('A'.repeat(32)).toString('base64'),
    displayName: 'Shop',
  })
  assert.deepEqual(sealSettings({ secpaidEncryptionKey: null }, seal), { secpaidEncryptionKey: null })
  const bare = applySettings({}, { secpaidEncryption: 'yes' }, false)
  assert.deepEqual(bare.ok ? [] : bare.faults.map((fault) => fault.field), ['secpaid_encryption'])
  assert.ok(applySettings(sealed as AccountSettings, { secpaidEncryption: 'yes' }, false).ok)
})
