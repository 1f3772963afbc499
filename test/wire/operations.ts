import { EVIDENCE_TEXTS } from '../../src/core/dispute.ts'
import { nameOf, parseName, type Uuid } from '../../src/core/ids.ts'
import type { Collected } from '../../src/core/session.ts'
import { DIALECTS } from '../../src/core/session.ts'
import { LIST_SETTINGS, SETTING_RULES } from '../../src/core/settings-rules.ts'
import { makeSecretSealer } from '../../src/events/endpoint-secret.ts'
import { makeListenerSigner } from '../../src/events/listener-signer.ts'
import { openBell } from '../../src/flows/bell.ts'
import { returnFromBank } from '../../src/flows/challenge.ts'
import { makeTails } from '../../src/flows/listeners/tails.ts'
import { pay } from '../../src/flows/pay.ts'
import { openReceipts } from '../../src/flows/receipts.ts'
import { doorEvents } from '../../src/http/dialects/door-events.ts'
import { registerDoors } from '../../src/http/doors.ts'
import { buildServer } from '../../src/http/server.ts'
import { NAMED_TEST_CARDS } from '../../src/test-cards.ts'
import { RETURN_URL } from '../support/cardholder.ts'
import { cancelAt } from '../support/issuer.ts'
import { elsewhere, storedAttempt } from '../support/orders.ts'
import { startTestTill } from '../support/till.ts'

export type Captured = { readonly type: string; readonly json: unknown }

/** Real operations, from a catalog to a captured, a declined, a held and a given-up payment, and what the API says of each. */
export async function captureReplies(file: string): Promise<readonly Captured[]> {
  const till = await startTestTill(file)
  const deps = {
    ...till.payments,
    bell: openBell(till.env),
    receipts: openReceipts({
      ...till.payments,
      publicUrl: () => 'https://pay.example',
      sealingKey: till.env.randomBytes(32),
    }),
    cards: till.vault,
    cookieKey: till.env.randomBytes(32),
    parametersKey: new Uint8Array(32).fill(7),
    testCards: NAMED_TEST_CARDS,
    log: { info: () => {}, error: () => {} },
    publicUrl: () => 'https://pay.example',
    sealer: makeSecretSealer(till.env, till.env.randomBytes(32)),
    doors: doorEvents(() => ({ publicUrl: 'https://pay.example' })),
    stripeCli: {
      signer: makeListenerSigner(till.env, till.env.randomBytes(32)),
      tails: makeTails(till.payments),
    },
    checkReplies: true,
  }
  const app = buildServer(deps)
  registerDoors(app, deps, DIALECTS)
  const captured: Captured[] = []
  let asked = 0
  try {
    await operate()
  } finally {
    await app.close()
    await till.stop()
  }
  return captured

  async function ask(type: string | undefined, method: 'GET' | 'POST' | 'DELETE', url: string, payload?: object) {
    const headers = { authorization: `Bearer ${till.secretKey}`, 'idempotency-key': `key ${++asked}` }
    const reply = await app.inject({ method, url, headers, ...(payload ? { payload } : {}) })
    if (reply.statusCode !== 200) throw new Error(`${method} ${url} ${reply.body}`)
    if (type) captured.push({ type, json: reply.json() })
    return reply.json()
  }

  async function payWith(name: string, number: string, tries: number, collected: Collected): Promise<void> {
    const session = parseName('session', name)
    if (!session) throw new Error(name)
    const form = `cardNumber=${number}&cardExpiry=12%2F34&cardCvc=123`
    const taken = till.vault.take(new TextEncoder().encode(form))
    if (!taken.ok) throw new Error(taken.because)
    const made = await till.vault.tokenize(session.tenant, session.id, taken.card)
    if (!made.ok) throw new Error(JSON.stringify(made.errors))
    const { tenant, id: sessionId } = session
    const paying = await pay(till.payments, { tenant, sessionId, attempt: tries, token: made.token, collected })
    if (paying.is !== 'begun') throw new Error(paying.is)
    await paying.outcome
  }

  async function operate(): Promise<void> {
    const samples = Object.values(SETTING_RULES).map(({ name, sample }) => [
      name,
      LIST_SETTINGS.includes(name) ? sample.split(',') : sample,
    ])
    await ask(undefined, 'POST', '/v1/account/settings', Object.fromEntries(samples))
    await ask('settings', 'GET', '/v1/account/settings')
    await ask('Stripe.Account', 'GET', '/v1/account')
    const catalog = await makeCatalog()
    const sessions = await makeSessions(catalog)
    await refundPayments(await paySessions(sessions))
    await payWithoutPage(catalog)
    await authenticate()
    await ask('Stripe.Balance', 'GET', '/v1/balance')
    await ask('Stripe.ApiList<Stripe.PaymentIntent>', 'GET', '/v1/payment_intents')
    await ask('Stripe.ApiList<Stripe.Charge>', 'GET', '/v1/charges?expand[]=data.payment_intent')
    await ask('Stripe.ApiList<Stripe.Checkout.Session>', 'GET', '/v1/checkout/sessions?expand[]=data.customer')
    await ask('events', 'GET', '/v1/events?limit=100')
    await ask(undefined, 'DELETE', `/v1/customers/${catalog.customer}`)
    await ask('Stripe.DeletedCustomer', 'GET', `/v1/customers/${catalog.customer}`)
  }

  async function makeCatalog() {
    const product = await ask('Stripe.Product', 'POST', '/v1/products', {
      name: 'Green tea',
      description: 'Loose, 100 g',
      images: ['https://shop.example/tea.png'],
      marketing_features: [{ name: 'Organic' }],
      metadata: { shelf: '4' },
      package_dimensions: { height: 1.5, length: 2, weight: 0.25, width: 3 },
      shippable: true,
      statement_descriptor: 'TEA',
      tax_code: 'txcd_99999999',
      unit_label: 'bag',
      url: 'https://shop.example/tea',
      default_price_data: { currency: 'eur', unit_amount: 1250 },
    })
    await ask('Stripe.Price', 'POST', '/v1/prices', {
      product: product.id,
      currency: 'eur',
      unit_amount: 900,
      recurring: { interval: 'month', interval_count: 3, trial_period_days: 14 },
    })
    const price = await ask('Stripe.Price', 'POST', '/v1/prices', {
      product: product.id,
      currency: 'eur',
      unit_amount: 1000,
      lookup_key: 'tea',
      nickname: 'Spring',
      tax_behavior: 'inclusive',
      metadata: { season: 'spring' },
    })
    const address = {
      line1: 'Torstr. 1',
      line2: '2nd floor',
      city: 'Berlin',
      postal_code: '10119',
      state: 'BE',
      country: 'DE',
    }
    const customer = await ask('Stripe.Customer', 'POST', '/v1/customers', {
      address,
      description: 'Regular',
      email: 'jenny@example.com',
      invoice_prefix: 'TEA',
      metadata: { crm: '7' },
      name: 'Jenny Rosen',
      phone: '+4930123456',
      preferred_locales: ['de'],
      shipping: { name: 'Jenny Rosen', phone: '+4930123456', address, carrier: 'DHL', tracking_number: '17' },
      tax_exempt: 'none',
    })
    await ask(undefined, 'POST', `/v1/customers/${customer.id}`, { name: 'Jenny R.' })
    const endpoint = {
      url: 'https://shop.example/hooks',
      enabled_events: ['*'],
      description: 'All',
      metadata: { a: 'b' },
    }
    await ask('Stripe.WebhookEndpoint', 'POST', '/v1/webhook_endpoints', {
      ...endpoint,
      api_version: '2026-10-28.endive',
    })
    return { price: price.id as string, customer: customer.id as string, address }
  }

  async function makeSessions({ price, customer, address }: Awaited<ReturnType<typeof makeCatalog>>) {
    const line_items = [
      { price, quantity: 2, adjustable_quantity: { enabled: false, minimum: 1, maximum: 9 }, metadata: { gift: 'no' } },
      { price_data: { currency: 'eur', unit_amount: 350, product_data: { name: 'Postcard' } }, quantity: 1 },
    ]
    const rich = await ask('Stripe.Checkout.Session', 'POST', '/v1/checkout/sessions', {
      mode: 'payment',
      line_items,
      success_url: 'https://shop.example/done?id={CHECKOUT_SESSION_ID}',
      cancel_url: 'https://shop.example/cart',
      billing_address_collection: 'required',
      client_reference_id: 'order-17',
      customer_creation: 'if_required',
      customer_email: 'jenny@example.com',
      custom_fields: [
        {
          key: 'engraving',
          label: { type: 'custom', custom: 'Engraving' },
          type: 'text',
          text: { default_value: 'J', minimum_length: 1, maximum_length: 20 },
        },
        {
          key: 'floor',
          label: { type: 'custom', custom: 'Floor' },
          type: 'numeric',
          optional: true,
          numeric: { default_value: '1', minimum_length: 1, maximum_length: 2 },
        },
        {
          key: 'size',
          label: { type: 'custom', custom: 'Size' },
          type: 'dropdown',
          dropdown: {
            default_value: 'small',
            options: [
              { label: 'Small', value: 'small' },
              { label: 'Large', value: 'large' },
            ],
          },
        },
      ],
      custom_text: {
        after_submit: { message: 'Thank you' },
        shipping_address: { message: 'We ship on Mondays' },
        submit: { message: 'You pay now' },
        terms_of_service_acceptance: { message: 'Our terms hold' },
      },
      locale: 'de',
      metadata: { cart: '17' },
      payment_method_types: ['card'],
      phone_number_collection: { enabled: true },
      shipping_address_collection: { allowed_countries: ['DE', 'AT'] },
      submit_type: 'pay',
      payment_intent_data: {
        description: 'Order 17',
        metadata: { order: '17' },
        receipt_email: 'jenny@example.com',
        shipping: { name: 'Jenny Rosen', phone: '+4930123456', address, carrier: 'DHL', tracking_number: '17' },
        statement_descriptor: 'TEA SHOP 17',
        statement_descriptor_suffix: 'ORDER 17',
      },
      expand: ['line_items.data.price.product'],
    })
    const simple = { mode: 'payment', line_items, success_url: 'https://shop.example/done' }
    const held = await ask('Stripe.Checkout.Session', 'POST', '/v1/checkout/sessions', {
      ...simple,
      customer,
      payment_intent_data: { capture_method: 'manual' },
    })
    const givenUp = await ask('Stripe.Checkout.Session', 'POST', '/v1/checkout/sessions', simple)
    await ask('Stripe.ApiList<Stripe.LineItem>', 'GET', `/v1/checkout/sessions/${rich.id}/line_items`)
    return { rich: rich.id as string, held: held.id as string, givenUp: givenUp.id as string }
  }

  async function paySessions({ rich, held, givenUp }: Awaited<ReturnType<typeof makeSessions>>) {
    const address = {
      line1: 'Torstr. 1',
      line2: '2nd floor',
      city: 'Berlin',
      postalCode: '10119',
      state: 'BE',
      country: 'DE',
    }
    const collected: Collected = {
      email: 'jenny@example.com',
      name: 'Jenny Rosen',
      phone: '+4930123456',
      billing: address,
      shipping: { name: 'Jenny Rosen', address },
      customFields: { engraving: 'JR', floor: '3', size: 'large' },
    }
    await payWith(rich, '4000000000009995', 0, collected)
    const declined = await ask(
      'Stripe.Checkout.Session',
      'GET',
      `/v1/checkout/sessions/${rich}?expand[]=payment_intent.latest_charge`,
    )
    await ask('Stripe.PaymentIntent', 'GET', `/v1/payment_intents/${declined.payment_intent.id}`)
    await ask('Stripe.Charge', 'GET', `/v1/charges/${declined.payment_intent.latest_charge.id}`)
    await payWith(rich, '4242424242424242', 1, collected)
    const paid = await ask('Stripe.Checkout.Session', 'GET', `/v1/checkout/sessions/${rich}`)
    if (paid.status !== 'complete' || paid.payment_status !== 'paid') throw new Error(JSON.stringify(paid))
    const payment = await ask('Stripe.PaymentIntent', 'GET', `/v1/payment_intents/${paid.payment_intent}`)
    await ask('Stripe.Charge', 'GET', `/v1/charges/${payment.latest_charge}`)

    await payWith(held, '4242424242424242', 0, collected)
    const { payment_intent: hold } = await ask(undefined, 'GET', `/v1/checkout/sessions/${held}`)
    await ask('Stripe.PaymentIntent', 'GET', `/v1/payment_intents/${hold}?expand[]=customer`)

    await payWith(givenUp, '4000000000000002', 0, collected)
    const closed = await ask('Stripe.Checkout.Session', 'POST', `/v1/checkout/sessions/${givenUp}/expire`, {})
    await ask('Stripe.PaymentIntent', 'GET', `/v1/payment_intents/${closed.payment_intent}`)
    return { paid: payment as { readonly id: string; readonly latest_charge: string }, hold: hold as string }
  }

  /** One cardholder passes unseen, one is asked and says no. */
  async function authenticate(): Promise<void> {
    const wish = { returnUrl: RETURN_URL, request: 'automatic', browser: { javascript: true } } as const
    const passed = await till.pay(await till.openSession(), '4000000000003055', wish)
    const session = await till.openSession()
    const asked = await till.pay(session, '4000002760003184', wish)
    const url = asked.charge.document.action?.url
    if (url === undefined) throw new Error('nobody was asked')
    await cancelAt(url)
    const view = await till.storage.findSessionView(session.tenant, session.id)
    if (view) await returnFromBank(till.payments, view)
    for (const { charge } of [passed, asked]) {
      await ask('Stripe.Charge', 'GET', `/v1/charges/${nameOf('charge', charge.tenant, charge.id)}`)
    }
  }

  async function payWithoutPage({ customer }: Awaited<ReturnType<typeof makeCatalog>>): Promise<void> {
    const method = await ask('Stripe.PaymentMethod', 'POST', '/v1/payment_methods', {
      type: 'card',
      card: { number: '4242424242424242', exp_month: 12, exp_year: 2034, cvc: '123' },
      billing_details: {
        name: 'Jenny Rosen',
        email: 'jenny@example.com',
        phone: '+4930123456',
        address: {
          line1: 'Torstr. 1',
          line2: '2nd floor',
          city: 'Berlin',
          postal_code: '10119',
          state: 'BE',
          country: 'DE',
        },
      },
      metadata: { crm: '7' },
    })
    await ask('Stripe.PaymentMethod', 'POST', `/v1/payment_methods/${method.id}/attach`, { customer })
    await ask('Stripe.ApiList<Stripe.PaymentMethod>', 'GET', `/v1/payment_methods?customer=${customer}`)
    await ask('Stripe.PaymentMethod', 'POST', `/v1/payment_methods/${method.id}`, { metadata: { crm: '8' } })
    await ask('Stripe.PaymentIntent', 'POST', '/v1/payment_intents', {
      amount: 2400,
      currency: 'eur',
      confirm: true,
      payment_method: 'pm_card_threeDSecure2Required',
      return_url: 'https://shop.example/done',
    })
    const payment = await ask('Stripe.PaymentIntent', 'POST', '/v1/payment_intents', {
      amount: 500,
      currency: 'eur',
      customer,
      payment_method: method.id,
    })
    await ask('Stripe.PaymentIntent', 'POST', `/v1/payment_intents/${payment.id}/confirm`, {
      expand: ['payment_method', 'latest_charge'],
    })
    await ask('Stripe.PaymentMethod', 'POST', `/v1/payment_methods/${method.id}/detach`, {})
  }

  async function refundPayments({ paid, hold }: Awaited<ReturnType<typeof paySessions>>): Promise<void> {
    const refund = await ask('Stripe.Refund', 'POST', '/v1/refunds', {
      payment_intent: paid.id,
      amount: 100,
      reason: 'requested_by_customer',
      metadata: { ticket: '17' },
      expand: ['charge', 'payment_intent', 'balance_transaction'],
    })
    await ask('Stripe.Refund', 'POST', `/v1/refunds/${refund.id}`, { metadata: { ticket: '18' } })
    // Somebody refunds most of it at the bank's own side, so that ours finds too little there.
    const attempt = await storedAttempt(till, parseName('charge', paid.latest_charge)?.id as Uuid)
    await elsewhere(till, attempt.charge, 'refunds', { amount: 2000 })
    const failed = await ask('Stripe.Refund', 'POST', '/v1/refunds', { charge: paid.latest_charge })
    if (failed.status !== 'failed') throw new Error(JSON.stringify(failed))
    await ask('Stripe.ApiList<Stripe.Refund>', 'GET', `/v1/refunds?charge=${paid.latest_charge}`)
    await ask('Stripe.PaymentIntent', 'POST', `/v1/payment_intents/${hold}/capture`, { amount_to_capture: 1000 })
    const whole = await ask('Stripe.Refund', 'POST', '/v1/refunds', { payment_intent: hold })
    await ask('Stripe.PaymentIntent', 'POST', '/v1/payment_intents', {
      ...{ amount: 900, currency: 'eur', confirm: true, payment_method: 'pm_card_createDisputeInquiry' },
    })
    const asked = await ask('Stripe.ApiList<Stripe.Dispute>', 'GET', '/v1/disputes')
    await ask('Stripe.Dispute', 'POST', `/v1/disputes/${asked.data[0].id}`, {})
    await ask('Stripe.Dispute', 'POST', `/v1/disputes/${asked.data[0].id}/close`)
    await ask('Stripe.PaymentIntent', 'POST', '/v1/payment_intents', {
      ...{ amount: 800, currency: 'eur', confirm: true, payment_method: 'pm_card_createDispute' },
    })
    const taken = await ask('Stripe.ApiList<Stripe.Dispute>', 'GET', '/v1/disputes?limit=1')
    const texts = Object.fromEntries(EVIDENCE_TEXTS.map((name) => [name, `About ${name}`]))
    const evidence = { ...texts, uncategorized_text: 'winning_evidence' }
    await ask('Stripe.Dispute', 'POST', `/v1/disputes/${taken.data[0].id}`, { evidence })
    await ask('Stripe.ApiList<Stripe.BalanceTransaction>', 'GET', '/v1/balance_transactions')
    for (const name of [paid.latest_charge, whole.charge]) {
      await ask('Stripe.Charge', 'GET', `/v1/charges/${name}?expand[]=refunds&expand[]=balance_transaction`)
    }
  }
}
