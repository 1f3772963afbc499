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
})

/** A shop under development: it answers 200 and keeps what it heard. */
async function startShop() {
  const heard: { readonly headers: NodeJS.Dict<string | string[]>; readonly body: string }[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() })
      response.end('thanks')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the shop has no port')
  return {
    url: `http://127.0.0.1:${address.port}/webhook`,
    heard,
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  }
}
