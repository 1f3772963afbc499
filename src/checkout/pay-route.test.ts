import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { FORM, SCRIPT, startPageTill } from '../../test/support/page-till.ts'
import type { NewSessionInput } from '../flows/session-input.ts'

const page = await startPageTill(import.meta.url)
after(page.stop)
const { till } = page

/** A session that asks every question there is. */
const EVERY_QUESTION: Partial<NewSessionInput> = {
  billingAddressCollection: 'required',
  phoneNumberCollection: true,
  shippingCountries: ['DE', 'NO', 'US'],
  customFields: [
    { key: 'engraving', label: 'Engraving', type: 'text', optional: true, minimumLength: 2, maximumLength: 10 },
    { key: 'floor', label: 'Floor', type: 'numeric', optional: false },
    {
      key: 'wrap',
      label: 'Wrapping',
      type: 'dropdown',
      optional: false,
      options: [{ label: 'Paper', value: 'paper' }],
    },
  ],
}
const FILLED = {
  email: 'jenny@example.com',
  phoneNumber: '+44 20 7946 0000',
  shippingName: 'Jenny Rosen',
  shippingCountry: 'DE',
  shippingAddressLine1: 'Torstraße 1',
  shippingAddressLine2: '',
  shippingLocality: 'Berlin',
  shippingPostalCode: '10119',
  shippingAdministrativeArea: '',
  'customFields[engraving]': 'For Ada',
  'customFields[floor]': '3',
  'customFields[wrap]': 'paper',
  cardNumber: '4242424242424242',
  cardExpiry: '12 / 34',
  cardCvc: '123',
  billingName: 'Jenny Rosen',
  billingCountry: 'US',
  billingAddressLine1: '354 Oyster Point Blvd',
  billingAddressLine2: '',
  billingLocality: 'South San Francisco',
  billingPostalCode: '94080',
  billingAdministrativeArea: 'CA',
}
type Field = keyof typeof FILLED
const encoded = (fields: Readonly<Record<string, string>>): string => new URLSearchParams(fields).toString()

type Json = {
  readonly errors?: Record<string, string>
  readonly next?: string
  readonly notice?: string
  readonly messages?: Record<string, string>
}

const asked = await till.openSession(EVERY_QUESTION)
const path = page.pathOf(asked)
const attempt = await page.attemptOf(asked)
const wide = String.fromCodePoint(...[...'4242424242424242'].map((digit) => 0xff10 + Number(digit)))
const arabic = String.fromCodePoint(...[...'4242424242424242'].map((digit) => 0x0660 + Number(digit)))

describe('what a field may not hold is told by that field, and stores nothing', () => {
  const REFUSED: readonly [name: string, field: Field, value: string, code: string][] = [
    ['a number whose check digit is wrong (60)', 'cardNumber', '4242424242424243', 'number_wrong'],
    ['a number of 12 digits (60)', 'cardNumber', '424242424242', 'number_wrong'],
    ['a number of 20 digits (60)', 'cardNumber', '42424242424242424242', 'number_wrong'],
    ['letters in a number', 'cardNumber', '4242 4242 4242 424x', 'number_wrong'],
    ['no number', 'cardNumber', '', 'number_empty'],
    ['an expiry of last month (63)', 'cardExpiry', '01 / 20', 'expiry_past'],
    ['month 00 (63)', 'cardExpiry', '00 / 34', 'expiry_month'],
    ['month 13 (63)', 'cardExpiry', '13 / 34', 'expiry_month'],
    ['an expiry too far ahead (63)', 'cardExpiry', '12 / 2090', 'expiry_far'],
    ['no expiry', 'cardExpiry', '', 'expiry_empty'],
    ['a code of 2 digits (64)', 'cardCvc', '12', 'code_length'],
    ['a code of 4 digits on a Visa (64)', 'cardCvc', '1234', 'code_length'],
    ['a code of 5 digits (64)', 'cardCvc', '12345', 'code_length'],
    ['letters as a code (64)', 'cardCvc', 'abc', 'code_length'],
    ['no code', 'cardCvc', '', 'code_empty'],
    ['no name (70)', 'billingName', '', 'name_empty'],
    ['a name of spaces and NUL (49, 70)', 'billingName', ' \u0000 ', 'name_empty'],
    ['a name of 201 characters (70)', 'billingName', 'x'.repeat(201), 'name_long'],
    ['a card number as a name (59, 70)', 'billingName', '4242 4242 4242 4242', 'name_number'],
    ['a code as a name (70)', 'billingName', '123', 'name_number'],
    ['an email without a domain', 'email', 'jenny@example', 'email_wrong'],
    ['an email with a line break (53)', 'email', 'jenny@example.com\r\nbcc: all@example.com', 'email_wrong'],
    ['a card number in an email (59)', 'email', '4242424242424242@example.com', 'email_wrong'],
    ['a card number as a phone number (59)', 'phoneNumber', '378282246310005', 'phone_wrong'],
    ['words as a phone number', 'phoneNumber', 'call me', 'phone_wrong'],
    ['a country that is none', 'billingCountry', 'XX', 'country_refused'],
    ['a country that the shop does not deliver to', 'shippingCountry', 'FR', 'country_refused'],
    ['a postcode of another country', 'billingPostalCode', 'SW1A 1AA', 'postcode_wrong'],
    ['no postcode', 'shippingPostalCode', '', 'postcode_empty'],
    ['no address', 'billingAddressLine1', '', 'field_empty'],
    ['a card number in an address (59)', 'shippingAddressLine1', 'card 5555 5555 5555 4444', 'field_card'],
    ['a line of 201 characters', 'billingLocality', 'x'.repeat(201), 'field_long'],
    ['a card number in a question of the shop (59)', 'customFields[engraving]', '4242424242424242', 'field_card'],
    ['an answer that is too long', 'customFields[engraving]', 'x'.repeat(11), 'field_long'],
    ['an answer that is too short', 'customFields[engraving]', 'x', 'field_short'],
    ['letters where digits belong', 'customFields[floor]', 'third', 'field_digits'],
    ['a choice that was not offered', 'customFields[wrap]', 'silk', 'field_choice'],
  ]
  for (const [name, field, value, code] of REFUSED) {
    test(name, async () => {
      const body = encoded({ ...FILLED, [field]: value, attempt })
      const told = await page.post(`${path}/pay`, body, SCRIPT)
      assert.equal(told.status, 422)
      const answer = (await told.json()) as Json
      assert.deepEqual(answer.errors, { [field]: code })
      assert.ok((answer.messages?.[field] ?? '').length > 5)
      const shown = await page.post(`${path}/pay`, body)
      assert.equal(shown.status, 422)
      const html = await shown.text()
      assert.match(html, new RegExp(`<a href="#${field.replace(/[[\]]/g, '\\$&')}">`))
      assert.match(html, /<title>Error: /)
    })
  }
  after(async () => {
    const view = await till.storage.findSessionView(asked.tenant, asked.id)
    assert.equal(view?.session.version, asked.version)
    const rows = await till.db.sql`select 1 from vault.cards where owner = ${asked.id}`
    assert.equal(rows.length, 0)
  })
})

describe('what is typed is shown again, but for number and code', () => {
  const shown = async (fields: Readonly<Record<string, string>>): Promise<string> =>
    (await page.post(`${path}/pay`, encoded({ ...FILLED, ...fields, attempt }))).text()
  const shownValue = (html: string, name: string): string | undefined =>
    new RegExp(`<input[^>]* id="${name}"[^>]* value="([^"]*)"`).exec(html)?.[1]

  test('every safe value comes back', async () => {
    const html = await shown({ cardCvc: '1' })
    for (const [name, value] of Object.entries(FILLED)) {
      if (name.endsWith('Country') || name.startsWith('custom')) continue
      const expected = name === 'cardNumber' || name === 'cardCvc' ? '' : value
      assert.equal(shownValue(html, name), expected, name)
    }
    assert.match(html, /<option value="DE" selected>/)
    assert.match(html, /<option value="paper" selected>/)
    assert.doesNotMatch(html, /4242424242424242/)
  })
  test('markup stays text (54)', async () => {
    const html = await shown({ billingName: '"><script>alert(1)</script>', cardCvc: '' })
    assert.doesNotMatch(html, /<script>alert/)
    assert.match(html, /value="&quot;&gt;&lt;script&gt;/)
  })
  test('a card number in the wrong box is not shown again', async () => {
    const html = await shown({ billingName: '4242 4242 4242 4242', cardExpiry: '4242424242424242' })
    assert.doesNotMatch(html, /4242 ?4242/)
  })
})

describe('what a person may type is taken', () => {
  const TAKEN: readonly [name: string, fields: Partial<Record<Field, string>>][] = [
    ['spaces (61)', { cardNumber: '4242 4242 4242 4242' }],
    ['dashes (61)', { cardNumber: '4242-4242-4242-4242' }],
    ['full-width digits (61)', { cardNumber: wide }],
    ['Arabic digits (61)', { cardNumber: arabic }],
    ['four digits on an American Express (64)', { cardNumber: '378282246310005', cardCvc: '1234' }],
    ['a name of one character (70)', { billingName: 'Ö' }],
    ['a name of 200 characters (70)', { billingName: 'x'.repeat(200) }],
    ['quotes, markup and an emoji in a name (54, 56)', { billingName: "Robert'); drop table charges;-- <b>🦄</b>" }],
  ]
  for (const [name, fields] of TAKEN) {
    test(name, async () => {
      const session = await till.openSession()
      const body = encoded({ ...FILLED, ...fields, attempt: await page.attemptOf(session) })
      const answer = await page.post(`${page.pathOf(session)}/pay`, body)
      assert.equal(answer.status, 303)
      assert.match(answer.headers.get('location') ?? '', /^https:\/\/shop\.example\/done\?id=cs_test_/)
      const view = await till.storage.findSessionView(session.tenant, session.id)
      assert.equal(view?.charge?.state, 'captured')
      assert.equal(view?.session.document.collected?.name, fields.billingName ?? FILLED.billingName)
    })
  }

  test('a delivery address that is the billing address as well is given once (E10)', async () => {
    const session = await till.openSession(EVERY_QUESTION)
    const once = Object.fromEntries(
      Object.entries(FILLED).filter(([name]) => !name.startsWith('billing') || name === 'billingName'),
    )
    const body = async () => ({ ...once, attempt: await page.attemptOf(session) })
    const without = await page.post(`${page.pathOf(session)}/pay`, encoded(await body()))
    assert.equal(without.status, 422)
    const html = await without.text()
    assert.match(html, /<a href="#billingCountry">/)
    assert.doesNotMatch(html, /id="billingSameAsShipping"[^>]* checked/)
    const same = { ...(await body()), billingSameAsShipping: 'on', cardNumber: '4000000000000002' }
    assert.equal((await page.post(`${page.pathOf(session)}/pay`, encoded(same))).status, 303)
    // Sent again, the answers that were kept stand for both addresses too.
    const kept = { cardNumber: '4242424242424242', cardExpiry: '12 / 34', cardCvc: '123', billingSameAsShipping: 'on' }
    const shown = await (await fetch(page.url + page.pathOf(session))).text()
    assert.match(shown, /id="billingSameAsShipping"[^>]* checked/)
    const again = { ...kept, attempt: await page.attemptOf(session) }
    assert.equal((await page.post(`${page.pathOf(session)}/pay`, encoded(again))).status, 303)
    const view = await till.storage.findSessionView(session.tenant, session.id)
    const { billing, shipping } = view?.session.document.collected ?? {}
    assert.equal(view?.session.state, 'complete')
    assert.equal(billing?.line1, 'Torstraße 1')
    assert.deepEqual(billing, shipping?.address)
  })

  test('over two addresses that differ, the box is not ticked for the next try', async () => {
    const session = await till.openSession(EVERY_QUESTION)
    const shown = async () => (await fetch(page.url + page.pathOf(session))).text()
    assert.match(await shown(), /id="billingSameAsShipping"[^>]* checked/)
    const body = { ...FILLED, cardNumber: '4000000000000002', attempt: await page.attemptOf(session) }
    await page.post(`${page.pathOf(session)}/pay`, encoded(body))
    assert.doesNotMatch(await shown(), /id="billingSameAsShipping"[^>]* checked/)
  })

  test('the box counts for nothing where only one address is asked for', async () => {
    const session = await till.openSession({ billingAddressCollection: 'required' })
    const { billingCountry: _, ...others } = FILLED
    const body = { ...others, billingSameAsShipping: 'on', attempt: await page.attemptOf(session) }
    const answer = await page.post(`${page.pathOf(session)}/pay`, encoded(body), SCRIPT)
    assert.equal(answer.status, 422)
    assert.equal(((await answer.json()) as Json).errors?.billingCountry, 'country_empty')
  })

  test('19 digits of a brand that nobody knows are left to the bank, which declines them (62)', async () => {
    const session = await till.openSession()
    const fields = { cardNumber: '9900000000000000002', attempt: await page.attemptOf(session) }
    const answer = await page.post(`${page.pathOf(session)}/pay`, encoded({ ...FILLED, ...fields }), SCRIPT)
    assert.equal(answer.status, 200)
    assert.equal(((await answer.json()) as Json).notice, 'mode')
  })

  test('the same card pays twice, in two sessions (65)', async () => {
    const fingerprints = []
    for (const session of [await till.openSession(), await till.openSession()]) {
      await page.post(`${page.pathOf(session)}/pay`, encoded({ ...FILLED, attempt: await page.attemptOf(session) }))
      const view = await till.storage.findSessionView(session.tenant, session.id)
      assert.equal(view?.session.state, 'complete')
      fingerprints.push(view?.charge?.document.card?.fingerprint)
    }
    assert.equal(fingerprints[0], fingerprints[1])
  })

  test('direction overrides leave the text, so that no screen of the shop is turned around (50)', async () => {
    const session = await till.openSession()
    const body = encoded({ ...FILLED, billingName: 'Jenny \u202eneso\u202cR', attempt: await page.attemptOf(session) })
    await page.post(`${page.pathOf(session)}/pay`, body)
    const view = await till.storage.findSessionView(session.tenant, session.id)
    assert.equal(view?.session.document.collected?.name, 'Jenny nesoR')
  })
})

describe('bytes that are no form of ours', () => {
  const good = encoded({ ...FILLED, attempt })
  const old = `${page.url}${path}?old=1`
  const CASES: readonly [
    name: string,
    body: string | Uint8Array<ArrayBuffer> | undefined,
    headers: Readonly<Record<string, string>>,
    status: number,
    location?: string,
  ][] = [
    ['nothing', undefined, {}, 303, old],
    ['an empty form', '', FORM, 303, old],
    ['a form without its attempt', encoded(FILLED), FORM, 303, old],
    ['an attempt that was made up', encoded({ ...FILLED, attempt: 'x'.repeat(22) }), FORM, 303, old],
    ['bytes that are not UTF-8 (47)', Uint8Array.of(0x61, 0x3d, 0xff, 0xfe), FORM, 303, old],
    ['escapes that are not UTF-8 (47)', `${good}&x=%ff%fe`, FORM, 303, old],
    ['half an escape', `${good}&x=%f`, FORM, 303, old],
    ['a surrogate, as an escape (46)', `${good}&x=%ed%a0%80`, FORM, 303, old],
    ['a field twice', `${good}&email=other%40example.com`, FORM, 303, old],
    ['61 fields', `${good}${Array.from({ length: 61 }, (_, at) => `&f${at}=1`).join('')}`, FORM, 303, old],
    ['a gzipped body (34)', gzipSync(good), { ...FORM, 'content-encoding': 'gzip' }, 303, old],
    ['JSON (33)', JSON.stringify({ ...FILLED, attempt }), { 'content-type': 'application/json' }, 415],
    ['nested JSON, 10,000 deep (42)', '['.repeat(10_000), { 'content-type': 'application/json' }, 415],
    ['text (33)', good, { 'content-type': 'text/plain' }, 415],
    ['a multipart form (33)', 'x', { 'content-type': 'multipart/form-data; boundary=x' }, 415],
    ['a body of 10 MB (43)', 'x'.repeat(10_000_000), FORM, 413],
  ]
  for (const [name, body, headers, status, location] of CASES) {
    test(name, async () => {
      const answer = await page.post(`${path}/pay`, body, headers)
      assert.equal(answer.status, status)
      assert.equal(answer.headers.get('location'), location ?? null)
      if (status >= 400) assert.match(await answer.text(), /<h1/)
      assertPageHeaders(answer)
    })
  }

  test('a content type with a charset is a form all the same', async () => {
    const answer = await page.post(`${path}/pay`, encoded({ ...FILLED, cardCvc: '', attempt }), {
      'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
    })
    assert.equal(answer.status, 422)
  })

  test('names of the prototype are names like any other (45)', async () => {
    const answer = await page.post(
      `${path}/pay`,
      `__proto__=1&constructor=2&${encoded({ ...FILLED, cardCvc: '', attempt })}`,
    )
    assert.equal(answer.status, 422)
  })
})

describe('addresses', () => {
  const other = path.replace(/.$/, (last) => (last === '0' ? '1' : '0'))
  const NOT_FOUND: readonly [name: string, path: string][] = [
    ['an unknown token', `/c/pay/cs_test_${'0'.repeat(49)}`],
    ['a token with its last character changed', other],
    ['a token in capitals (27)', path.replace(/[^/]+$/, (token) => token.toUpperCase())],
    ['the bare name of a session', path.slice(0, -22)],
    ['an id of another type (26)', path.replace('cs_test_', 'pi_')],
    ['a UUID (28)', `/c/pay/${asked.id}`],
    ['a path upwards (29)', '/c/pay/%2e%2e%2f%2e%2e%2fv1'],
    ['a doubly encoded path (29)', `/c/pay/%252e%252e${path.slice(7)}`],
    ['a path with a parameter (30)', `${path};x=1`],
    ['two slashes (30)', path.replace('/pay/', '/pay//')],
    ['a deeper path', `${path}/receipt`],
    ['a token of 90 characters', `/c/pay/${'a'.repeat(90)}`],
    ['NUL in a token (49)', `${path}%00`],
    ['the root of the page', '/c'],
    ['a script that is not there', '/c/assets/page.js'],
  ]
  const bodies = new Set<string>()
  for (const [name, address] of NOT_FOUND) {
    test(`${name} finds nothing`, async () => {
      const answer = await fetch(page.url + address, { redirect: 'manual' })
      assert.equal(answer.status, 404)
      assertPageHeaders(answer)
      bodies.add((await answer.text()).replaceAll(/nonce="[^"]+"/g, ''))
    })
  }
  test('and all of them read the same, byte for byte', () => assert.equal(bodies.size, 1))

  test('a slash at the end is the same page (30)', async () => {
    assert.equal((await fetch(`${page.url}${path}/`)).status, 200)
  })
  test('an address that is longer than any of ours is nobody’s', async () => {
    assert.equal((await fetch(`${page.url}/c/pay/${'a'.repeat(4_000)}`)).status, 404)
  })
  test('an address that is not percent-encoded UTF-8 is refused (29)', async () => {
    const answer = await fetch(`${page.url}/c/pay/%ff`)
    assert.equal(answer.status, 400)
  })
  test('methods are what they are, whatever a header says (31)', async () => {
    const headers = { 'x-http-method-override': 'POST', 'x-method-override': 'DELETE' }
    assert.equal((await fetch(page.url + path, { headers })).status, 200)
    for (const method of ['PUT', 'PATCH', 'DELETE']) {
      const answer = await fetch(page.url + path, { method })
      assert.equal(answer.status, 404, method)
      assertPageHeaders(answer)
    }
    const get = await fetch(`${page.url}${path}/pay`)
    assert.equal(get.status, 404)
  })
  test('a header of 20 KB is refused, 60 short ones are not (38, 39)', async () => {
    assert.equal((await fetch(page.url + path, { headers: { 'x-long': 'x'.repeat(20_000) } })).status, 431)
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`x-${at}`, '1']))
    assert.equal((await fetch(page.url + path, { headers: many })).status, 200)
  })
  test('odd queries show the page', async () => {
    for (const query of ['try=1&try=2', 'try=-1', 'try=99999999999999999999', 'try[]=1', 'old=1&old=2', '%00=%00']) {
      assert.equal((await fetch(`${page.url}${path}?${query}`)).status, 200, query)
    }
  })
  test('a language that is none falls back', async () => {
    for (const language of ['*', 'x'.repeat(500), 'zz-ZZ-zz', ';q=1', '\u00e9'])
      assert.equal((await fetch(page.url + path, { headers: { 'accept-language': language } })).status, 200, language)
  })
})

test('the form of another session is too old here (68)', async () => {
  const [one, two] = [await till.openSession(), await till.openSession()]
  const answer = await page.post(`${page.pathOf(one)}/pay`, encoded({ ...FILLED, attempt: await page.attemptOf(two) }))
  assert.equal(answer.headers.get('location'), `${page.url}${page.pathOf(one)}?old=1`)
  const view = await till.storage.findSessionView(one.tenant, one.id)
  assert.equal(view?.session.state, 'open')
})

test('every answer of the page says that it is not to be kept, leaked, framed or indexed', async () => {
  const session = await till.openSession()
  const own = page.pathOf(session)
  const form = encoded({ ...FILLED, attempt: await page.attemptOf(session) })
  const answers = [
    await fetch(page.url + own),
    await fetch(`${page.url}${own}/state`),
    await fetch(`${page.url}/c/test-cards`),
    await page.post(`${own}/pay`, form.replace('cardCvc=123', 'cardCvc=')),
    await page.post(`${own}/pay`, form.replace('cardCvc=123', 'cardCvc='), SCRIPT),
    await page.post(`${own}/cancel`, form),
    await page.post(`${own}/pay`, form),
    await fetch(page.url + own),
  ]
  assert.deepEqual(
    answers.map((answer) => answer.status),
    [200, 200, 200, 422, 422, 303, 303, 200],
  )
  for (const answer of answers) assertPageHeaders(answer)
})

test('the policy lets a form lead to the vault and to this shop alone', async () => {
  const policy = (await fetch(page.url + path)).headers.get('content-security-policy') ?? ''
  const rules = new Map(policy.split('; ').map((rule) => [rule.split(' ')[0], rule.split(' ').slice(1).join(' ')]))
  assert.equal(rules.get('default-src'), "'none'")
  assert.match(rules.get('script-src') ?? '', /^'nonce-[\w-]{22}'$/)
  assert.equal(rules.get('style-src'), rules.get('script-src'))
  assert.equal(rules.get('form-action'), `'self' ${page.url} https://shop.example`)
  assert.equal(rules.get('base-uri'), "'none'")
  assert.equal(rules.get('frame-ancestors'), "'none'")
  assert.equal(rules.get('require-trusted-types-for'), "'script'")
  assert.doesNotMatch(policy, /unsafe/)
  const again = (await fetch(page.url + path)).headers.get('content-security-policy')
  assert.notEqual(again, policy)
})

function assertPageHeaders(answer: Response): void {
  assert.equal(answer.headers.get('cache-control'), 'no-store')
  assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
  assert.equal(answer.headers.get('x-robots-tag'), 'noindex, nofollow')
  assert.equal(answer.headers.get('x-content-type-options'), 'nosniff')
  assert.equal(answer.headers.get('x-frame-options'), 'DENY')
  assert.match(answer.headers.get('content-security-policy') ?? '', /^default-src 'none'/)
  assert.equal(answer.headers.get('set-cookie'), null)
  assert.ok((answer.headers.get('request-id') ?? '').startsWith('req_'))
}
