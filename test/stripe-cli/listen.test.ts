import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { after, describe, test } from 'node:test'
import { Webhook } from 'standardwebhooks'
import Stripe from 'stripe'
import { temporaryFolder } from '../support/folder.ts'
import { startTestOpentill } from '../support/opentill.ts'
import { findStripeCli, NO_STRIPE_CLI, stripeCli } from '../support/stripe-cli.ts'

const program = findStripeCli()

describe('the real Stripe CLI listens', { skip: program === undefined ? NO_STRIPE_CLI : false }, async () => {
  if (program === undefined) return
  const till = await startTestOpentill(import.meta.url)
  after(till.stop)
  const cli = stripeCli(program, till, temporaryFolder())
  const shop = await startShop()
  after(shop.stop)

  test('it prints one secret, whenever it is asked', async () => {
    const [first, second] = [await cli.run('listen', '--print-secret'), await cli.run('listen', '--print-secret')]
    assert.match(first.out, /^whsec_[A-Za-z0-9+/]{43}=\s*$/)
    assert.equal(second.out, first.out)
  })

  test('what happens is forwarded with signatures that both libraries accept', async () => {
    const listening = cli.follow('listen', '--all-snapshot', '--forward-to', shop.url, '--skip-update')
    try {
      const [, secret = ''] = await listening.until(/signing secret is (whsec_\S+)/)
      const customer = await till.stripe.customers.create({ name: 'Zoë' })
      await listening.until(/<--\s+\[200\] POST/)
      const [heard] = shop.heard
      assert.ok(heard)
      const event = Stripe.webhooks.constructEvent(heard.body, String(heard.headers['stripe-signature']), secret)
      assert.equal(event.type, 'customer.created')
      assert.equal((event.data.object as Stripe.Customer).id, customer.id)
      const verified = new Webhook(secret).verify(heard.body, heard.headers as Record<string, string>)
      assert.equal((verified as Stripe.Event).id, event.id)
      assert.equal(shop.heard.length, 1, 'of the two copies the CLI forwards the one of its version')
    } finally {
      await listening.stop()
    }
  })

  test('an event is forwarded again on request, and what the CLI does not ask for is not', async () => {
    const listening = cli.follow('listen', '--events', 'product.created', '--forward-to', shop.url, '--skip-update')
    try {
      await listening.until(/signing secret is/)
      shop.heard.length = 0
      await till.stripe.customers.create()
      const product = await till.stripe.products.create({ name: 'Tea' })
      await listening.until(/<--\s+\[200\] POST/)
      const [event] = (await till.stripe.events.list({ type: 'product.created', limit: 1 })).data
      assert.ok(event)
      const resent = await cli.run('events', 'resend', event.id)
      assert.equal(JSON.parse(resent.out).id, event.id, resent.err)
      await listening.until(/(?:<--\s+\[200\] POST(?:.|\n)*){2}/)
      assert.deepEqual(
        shop.heard.map(({ body }) => JSON.parse(body).data.object.id),
        [product.id, product.id],
      )
      assert.equal(shop.heard[0]?.body, shop.heard[1]?.body)
    } finally {
      await listening.stop()
    }
  })

  test('with the latest version, and as JSON, it hears the same', async () => {
    const listening = cli.follow('listen', '--all-snapshot', '--latest', '--format', 'json', '--skip-update')
    try {
      await listening.until(/signing secret is/)
      const { id } = await till.stripe.customers.create()
      const [line] = await listening.until(/^\{.*customer\.created.*\}$/m)
      assert.equal(JSON.parse(line).data.object.id, id)
    } finally {
      await listening.stop()
    }
  })
})

describe('the real Stripe CLI asks', { skip: program === undefined ? NO_STRIPE_CLI : false }, async () => {
  if (program === undefined) return
  const till = await startTestOpentill(import.meta.url)
  after(till.stop)
  const cli = stripeCli(program, till, temporaryFolder())
  const shop = await startShop()
  after(shop.stop)
  const read = async (...words: readonly string[]) => {
    const { code, out, err } = await cli.run(...words)
    assert.equal(code, 0, err)
    return JSON.parse(out)
  }

  test('get, post and delete reach every object', async () => {
    const { id } = await read('post', '/v1/customers', '-d', 'name=Jenny Rosen', '-d', 'metadata[a]=1')
    assert.equal((await read('get', `/v1/customers/${id}`)).metadata.a, '1')
    assert.equal((await read('get', id)).name, 'Jenny Rosen', 'by its name alone')
    assert.deepEqual((await read('get', '/v1/customers', '--limit', '1')).data[0].id, id)
    assert.equal((await read('delete', `/v1/customers/${id}`, '--confirm')).deleted, true)
    const gone = await cli.run('get', '/v1/customers/cus_nobody')
    assert.match(gone.out + gone.err, /resource_missing/)
  })

  test('its resource commands make, confirm, capture and refund a payment', async () => {
    const held = await read(
      ...['payment_intents', 'create', '--amount', '2000', '--currency', 'eur'],
      ...['--capture-method', 'manual', '--payment-method', 'pm_card_visa'],
    )
    const confirmed = await read('payment_intents', 'confirm', held.id)
    assert.equal(confirmed.status, 'requires_capture')
    assert.equal((await read('payment_intents', 'capture', held.id)).status, 'succeeded')
    assert.equal((await read('refunds', 'create', '--payment-intent', held.id)).status, 'succeeded')
    const session = await read(
      ...['checkout', 'sessions', 'create', '--mode', 'payment', '--success-url', 'https://shop.example/done'],
      ...['-d', 'line_items[0][price_data][currency]=eur', '-d', 'line_items[0][price_data][unit_amount]=900'],
      ...['-d', 'line_items[0][price_data][product_data][name]=Tea', '-d', 'line_items[0][quantity]=1'],
    )
    assert.match(session.url, /^http:\/\/127\.0\.0\.1/)
  })

  test('an event is sent to one endpoint again', async () => {
    const endpoint = await read(
      'webhook_endpoints',
      'create',
      '--url',
      shop.url,
      '-d',
      'enabled_events[]=product.created',
    )
    const product = await read('products', 'create', '--name', 'Tea')
    const [event] = (await read('events', 'list', '--type', 'product.created', '--limit', '1')).data
    assert.equal(event.data.object.id, product.id)
    await shop.until(1)
    const resent = await read('events', 'resend', event.id, '--webhook-endpoint', endpoint.id)
    assert.equal(resent.id, event.id)
    const [first, second] = await shop.until(2)
    assert.equal(second?.body, first?.body)
  })

  test('the requests of the account are shown as they happen, filtered, and without what they carried', async () => {
    const tail = cli.follow('logs', 'tail')
    const failures = cli.follow('logs', 'tail', '--filter-status-code-type', '4XX', '--format', 'JSON')
    try {
      await Promise.all([tail.until(/Ready!/), failures.until(/Ready!/)])
      await till.stripe.customers.create({ name: 'Secretive' })
      await till.stripe.customers.retrieve('cus_nobody').catch(() => undefined)
      await tail.until(/\[200\] POST \/v1\/customers \[req_\w+\]/)
      await tail.until(/\[404\] GET \/v1\/customers\/cus_nobody \[req_\w+\](?:.|\n)*Code: resource_missing/)
      const [line] = await failures.until(/^\{.*\}$/m)
      const shown = JSON.parse(line)
      assert.deepEqual([shown.status, shown.method, shown.error.code], [404, 'GET', 'resource_missing'])
      assert.ok(!/Secretive|sk_test/.test(tail.out() + failures.out()))
      assert.ok(!failures.out().includes('"status":200'))
    } finally {
      await Promise.all([tail.stop(), failures.stop()])
    }
  })
})

/** A shop under development: it answers 200 and keeps what it heard. */
async function startShop() {
  const heard: { readonly headers: NodeJS.Dict<string | string[]>; readonly body: string }[] = []
  let wake = () => {}
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.end('thanks')
      wake()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the shop has no port')
  return {
    url: `http://127.0.0.1:${address.port}/webhook`,
    heard,
    /** What it heard, once that is so much. */
    async until(count: number) {
      while (heard.length < count) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      return heard
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
