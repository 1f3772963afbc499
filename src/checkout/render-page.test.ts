import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { FORM, NONCE, pageModels } from '../../test/support/page-models.ts'
import { type BuiltAssets, buildAssets } from './assets.ts'
import type { PageModel } from './model.ts'
import { renderPage } from './render-page.ts'
import { renderUnexpected } from './views/unexpected.ts'

const HOSTILE = `"'><script>alert(1)</script><img src=x onerror=alert(1)>\u202e{amount}`

describe('what goes into a page', () => {
  let assets: BuiltAssets
  let models: ReadonlyMap<string, PageModel>
  before(async () => {
    assets = await buildAssets()
    models = pageModels(assets)
  })
  const form = (change: Partial<typeof FORM>): string => {
    const model = models.get('02-form')
    assert.ok(model?.visit)
    return renderPage({ ...model, screen: { ...FORM, ...change } })
  }

  test('text from outside is text on every screen', () => {
    // Codes, currencies and addresses of our own are no text from outside; every other string becomes hostile.
    const ours =
      /^(kind|currency|code|locale|cspNonce|css|scriptUrl|scriptIntegrity|type|rule|billing|because|seen|submitType|notice|brand|number)$/
    const poison = (value: unknown, key = '', path = ''): unknown => {
      if (typeof value === 'string')
        return ours.test(key) || /appearance|brands|errors|shippingCountries|Url$|href|action/.test(path)
          ? value
          : HOSTILE
      if (Array.isArray(value)) return value.map((item) => poison(item, key, path))
      if (value === null || typeof value !== 'object' || value instanceof Date) return value
      return Object.fromEntries(
        Object.entries(value).map(([name, part]) => [name, poison(part, name, `${path}.${name}`)]),
      )
    }
    for (const [name, model] of models) {
      const page = renderPage(poison(model) as PageModel)
      assert.equal(page.split('<script').length, 2, name)
      assert.ok(!page.includes('<img src=x'), name)
      assert.ok(/^16|handed-back|for-good$/.test(name) || page.includes('&lt;script&gt;'), `${name} shows some of it`)
    }
    assert.ok(!renderUnexpected(HOSTILE).includes('<script'))
  })

  test('the one script and the one style carry the nonce, and nothing else runs', () => {
    for (const [name, model] of models) {
      const page = renderPage(model)
      assert.deepEqual(page.match(/<script[^>]*>/g)?.length, 1, name)
      assert.match(page, new RegExp(`<script type="module" nonce="${NONCE}" src="[^"]+" integrity="sha384-[^"]+">`))
      assert.match(page, new RegExp(`<style nonce="${NONCE}">`))
      assert.doesNotMatch(page.replace(/<style.*<\/style>/s, ''), /\son\w+=|\sstyle=/, name)
    }
  })

  test('no card number is on the form, not even a test one', () => {
    const page = form({ testNumbers: ['4991001823456701'], values: { cardExpiry: '09 / 30' } })
    assert.doesNotMatch(page, /\d{12}/)
    assert.match(page, /data-test="49910018"/)
    assert.match(page, /id="cardNumber"[^>]*value=""/)
    assert.match(page, /id="cardCvc"[^>]*value=""/)
    assert.match(page, /id="cardExpiry"[^>]*value="09 \/ 30"/)
  })

  test('leaving is a link, or a post where it ends the session', () => {
    assert.match(
      form({ cancel: { href: 'https://shop.example/cart' } }),
      /<a href="https:\/\/shop\.example\/cart">Cancel/,
    )
    const posting = form({ cancel: { action: '/c/pay/x/cancel' } })
    assert.match(posting, /<form class="cancel" method="post" action="\/c\/pay\/x\/cancel">/)
    assert.ok(posting.indexOf('data-testid="hosted-payment-submit-button"') < posting.indexOf('class="cancel"'))
  })

  const VERBS = { auto: 'Pay', pay: 'Pay', book: 'Book for', donate: 'Donate', subscribe: 'Subscribe for' } as const
  for (const [submitType, verb] of Object.entries(VERBS)) {
    test(`the button of ${submitType} says ${verb} and the exact amount`, () => {
      assert.ok(form({ submitType: submitType as keyof typeof VERBS }).includes(`<span>${verb} €24.00</span></button>`))
    })
  }

  test('a decline that a field can mend is told once above the form, and by that field', () => {
    const page = form({ notice: 'details', errors: { cardCvc: 'code_declined' } })
    assert.match(page, /<div id="errors"[^>]*><h2[^>]*>Your payment did not go through<\/h2><p>Nothing was taken/)
    assert.match(page, /<div id="notice"[^>]* hidden>/)
    assert.equal(page.split('Your bank does not know this security code').length - 1, 2)
    const unknown = form({ notice: 'details' })
    assert.match(unknown, /<div id="errors"[^>]* hidden>/)
    assert.match(unknown, /<div id="notice"[^>]*"><h2>Your payment did not go through/)
    assert.match(form({ errors: { cardCvc: 'code_empty' } }), /<h2[^>]*>There is a problem<\/h2><p hidden>/)
  })

  test('the shop’s two stars are bold, and what stands between them is text', () => {
    const page = form({ customText: { submit: 'On **<b>Tuesdays** only, 2 ** 3 **' } })
    assert.ok(page.includes('On <strong>&lt;b&gt;Tuesdays</strong> only, 2 <strong> 3 </strong></p>'))
    assert.ok(form({ customText: { submit: 'a ** b' } }).includes('>a ** b</p>'))
  })

  test('an address that the shop passed is shown, and asked for in no field', () => {
    const page = form({ customerEmail: 'ada@example.com', fields: { ...FORM.fields, email: false } })
    assert.match(page, /<span>Email<\/span> <bdi>ada@example\.com<\/bdi>/)
    assert.doesNotMatch(page, /id="email"/)
  })

  test('money that is only held is never called paid', () => {
    const model = models.get('14-already-authorized')
    assert.ok(model)
    assert.match(renderPage(model), /<h1[^>]*>€24\.00 is reserved<\/h1>/)
    assert.doesNotMatch(renderPage(model).replace(/<style.*<\/style>/s, ''), /paid</)
  })

  test('the shop is asked for a new link only where nothing leads back to it', () => {
    const expired = (name: string): string => renderPage(models.get(name) ?? assert.fail(name))
    assert.match(expired('13-expired'), /Go back to Halden Coffee/)
    assert.doesNotMatch(expired('13-expired'), /new link/)
    assert.match(expired('13-expired-for-good'), /Ask Halden Coffee for a new link/)
  })

  test('a waiting screen reloads itself only where no script runs', () => {
    const model = models.get('05-processing')
    assert.ok(model)
    assert.match(
      renderPage(model),
      /<noscript><meta http-equiv="refresh" content="3;url=\/c\/pay\/cs_test_example\?wait=1"><\/noscript>/,
    )
  })

  test('nothing is said to be untaken unless that is certain', () => {
    const model = models.get('13-expired')
    assert.ok(model?.visit)
    const { visit } = model
    const { amount } = FORM
    const endings = [
      (nothingTaken: boolean) => ({ kind: 'failed', amount, because: 'stopped', nothingTaken }) as const,
      (nothingTaken: boolean) => ({ kind: 'canceled', amount, nothingTaken }) as const,
      (nothingTaken: boolean) => ({ kind: 'closed', amount, nothingTaken }) as const,
      (nothingTaken: boolean) => ({ kind: 'expired', amount, nothingTaken }) as const,
      (nothingTaken: boolean) => ({ kind: 'unavailable', incident: 'req_1', nothingTaken }) as const,
    ]
    for (const ending of endings) {
      const { kind } = ending(true)
      const said = (certain: boolean): boolean =>
        renderPage({ ...model, visit, screen: ending(certain) }).includes('Nothing was taken')
      assert.equal(said(true), true, kind)
      assert.equal(said(false), false, kind)
    }
  })
})
