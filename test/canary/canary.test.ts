import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, describe, test } from 'node:test'
import Stripe from 'stripe'
import { temporaryFolder } from '../support/folder.ts'
import { until } from '../support/until.ts'
import { findIn, standsAlone } from './needles.ts'
import { type Product, readFiles, startProduct } from './product.ts'

/**
 * Threat S-12: no card number and no security code in anything that the program prints, stores, sends or answers.
 *
 * A planted number and planted codes take the ways that a shop's own words take, and must be found in every place: a
 * search that finds nothing anywhere proves nothing. They are shaped as card numbers are but fail their check digit, so
 * that no door refuses them.
 *
 * A security code is four digits, which a page of a database holds by chance. So each payment has a code of its own. In
 * text, none of them may stand alone anywhere. In the database's files a leak would leave every code of every payment
 * behind, and chance leaves few: fewer than half of them may stand alone there, while all the planted ones do.
 */
const PLANTED = '4929123456789011'
const PLANTED_CODES = ['7316', '8457', '9728', '7649', '8391', '9563', '7982', '8614']
const CODES = ['9174', '8263', '7419', '9638', '8527', '7951', '9286', '8749']
const AMEX = '378282246310005'
const DECLINED = '4000000000009995'
/** Known to no bank, so declined by ours. */
const AMEX_DECLINED = '370000000000002'
const CARDS = ['4242424242424242', '5555555555554444', '6011111111111117', AMEX, AMEX_DECLINED, DECLINED]

describe('no card number and no security code anywhere (S-12)', () => {
  const dataDir = temporaryFolder()
  const answers: Buffer[] = []
  const delivered: Buffer[] = []
  const places = new Map<string, Buffer>()
  const listener = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => delivered.push(chunk))
    request.on('end', () => {
      delivered.push(Buffer.from(`${request.url} ${JSON.stringify(request.headers)}`))
      response.end()
    })
  })
  let product: Product | undefined

  before(async () => {
    await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
    product = await startProduct(dataDir, `planted ${PLANTED} ${PLANTED_CODES.join(' ')}`)
    await live(product)
    places.set('the dump of both databases', await product.dump())
    assert.equal(await product.stop(), 0)
    places.set('all output', product.printed())
    places.set('all answers', Buffer.concat(answers))
    places.set('all deliveries', Buffer.concat(delivered))
    const files = [...readFiles(dataDir)]
    const joined = (wanted: (name: string) => boolean) =>
      Buffer.concat(files.filter(([name]) => wanted(name)).map(([, bytes]) => bytes))
    places.set(
      'the write-ahead log',
      joined((name) => name.includes('pg_wal')),
    )
    places.set(
      'the tables’ files',
      joined((name) => /\/base\//.test(name)),
    )
    places.set(
      'all other files',
      joined((name) => !/pg_wal|\/base\/|^postgres-/.test(name)),
    )
  })
  after(async () => {
    await product?.stop()
    listener.close()
    rmSync(dataDir, { recursive: true, force: true })
  })

  const TEXT = ['the dump of both databases', 'all output', 'all answers', 'all deliveries']
  const STORED = ['the write-ahead log', 'the tables’ files']
  const pile = (place: string): Buffer => {
    const found = places.get(place)
    assert.ok(found && found.length > 1_000, `${place} holds too little to prove anything`)
    return found
  }

  for (const place of [...TEXT, ...STORED]) {
    test(`what was planted is found in ${place}`, () => {
      assert.ok(findIn(pile(place), PLANTED).includes('raw'))
      for (const code of PLANTED_CODES) assert.ok(standsAlone(pile(place), code), code)
    })
  }
  for (const place of [...TEXT, ...STORED, 'all other files']) {
    test(`no card number is in ${place}`, () => {
      for (const number of CARDS) assert.deepEqual(findIn(pile(place), number), [], number)
    })
  }
  for (const place of TEXT) {
    test(`no security code is in ${place}`, () => {
      const found = CODES.filter((code) => standsAlone(pile(place), code))
      assert.deepEqual(found, [])
    })
  }
  for (const place of STORED) {
    test(`security codes are in ${place} by chance only`, () => {
      const found = CODES.filter((code) => standsAlone(pile(place), code))
      assert.ok(found.length < CODES.length / 2, found.join(' '))
    })
  }

  /** Everything that a shop, a shopper and a careless developer do with cards. */
  async function live({ url, keys }: Product): Promise<void> {
    const recorded: typeof fetch = async (input, init) => {
      const answer = await fetch(input, init)
      const body = Buffer.from(await answer.clone().arrayBuffer())
      answers.push(Buffer.from(`${answer.status} ${JSON.stringify([...answer.headers])}`), body)
      return answer
    }
    const { hostname, port } = new URL(url)
    const key = keys.get('OPENTILL_SECRET_KEY') ?? ''
    const httpClient = Stripe.createFetchHttpClient(recorded)
    const stripe = new Stripe(key, { host: hostname, port, protocol: 'http', httpClient, maxNetworkRetries: 0 })
    const hook = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/hook`
    await stripe.webhookEndpoints.create({ url: hook, enabled_events: ['*'] })

    for (const [at, code] of CODES.entries()) {
      const session = await openSession(stripe, at)
      const pages = `${url}/c/pay/${session.url?.split('/').at(-1)}`
      await refuse(recorded, pages, code)
      await declineThenPay(recorded, pages, code, at)
      await recorded(pages)
      await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent.latest_charge', 'line_items'] })
    }
    await misuse(stripe, recorded, url, key)
    for (const list of [stripe.events, stripe.charges, stripe.paymentIntents, stripe.checkout.sessions]) {
      await list.list({ limit: 100 })
    }
    await arrived(stripe)
  }

  async function openSession(stripe: Stripe, at: number): Promise<Stripe.Checkout.Session> {
    return stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [
        {
          quantity: 1,
          price_data: {
            currency: 'eur',
            unit_amount: 1_500 + at,
            product_data: { name: `Book ${PLANTED} (${PLANTED_CODES[at]})` },
          },
        },
      ],
      success_url: 'https://shop.example/done',
      metadata: { planted: PLANTED, code: PLANTED_CODES[at] ?? '' },
      payment_intent_data: {
        metadata: { planted: PLANTED, code: PLANTED_CODES[at] ?? '' },
        statement_descriptor: at % 2 === 0 ? `S ${PLANTED}` : `SHOP ${PLANTED_CODES[at]}`,
      },
    })
  }

  /** Forms with mistakes, the worst of them a card number in every other box. */
  async function refuse(send: typeof fetch, page: string, code: string, card = AMEX): Promise<void> {
    const attempt = await attemptOf(send, page)
    for (const [name, value] of [
      ['cardExpiry', '13 / 34'],
      ['cardExpiry', card],
      ['email', `${card}@example.com`],
      ['billingName', `${card} ${code}`],
      ['billingName', code],
      ['cardCvc', card],
      ['attempt', card],
      [card, code],
    ] as const) {
      for (const accept of ['text/html', 'application/json']) {
        const fields = new URLSearchParams({ ...formOf(card, code, attempt) })
        fields.set(name, value)
        await post(send, `${page}/pay`, fields, accept)
      }
    }
    await post(send, `${page}/pay?card=${card}&cvc=${code}`, new URLSearchParams(), 'text/html')
    await send(`${page}?cardNumber=${card}&cardCvc=${code}`)
    await send(`${page}/${card}`)
  }

  async function declineThenPay(send: typeof fetch, page: string, code: string, at: number): Promise<void> {
    const accept = at % 2 === 0 ? 'text/html' : 'application/json'
    const others = CARDS.filter((number) => number !== AMEX)
    const tries = [
      [DECLINED, '321'],
      at % 2 === 0 ? [AMEX, code] : [AMEX_DECLINED, code],
      [others[at % 3] ?? AMEX, '321'],
    ]
    for (const [number = '', typed = ''] of tries) {
      const fields = new URLSearchParams(formOf(number, typed, await attemptOf(send, page)))
      await post(send, `${page}/pay`, fields, accept)
      await send(page)
    }
  }

  /** Cards where none belongs, in every part of a request to the API. */
  async function misuse(stripe: Stripe, send: typeof fetch, url: string, key: string): Promise<void> {
    const [card = ''] = CARDS
    const code = CODES[0] ?? ''
    const params = { mode: 'payment', success_url: 'https://shop.example/done' } as const
    const attempts = [
      stripe.checkout.sessions.create({ ...params, line_items: [], client_reference_id: card }),
      stripe.checkout.sessions.create({ ...params, line_items: [], metadata: { card, code: `cvc ${code}` } }),
      stripe.checkout.sessions.create({ ...params, line_items: [], success_url: `https://shop.example/${card}` }),
      stripe.customers.create({ name: card, description: `card ${card}` }),
      stripe.checkout.sessions.retrieve(card),
      stripe.checkout.sessions.create({ ...params, line_items: [] }, { idempotencyKey: card }),
      stripe.checkout.sessions.list({ customer: card, [card]: code } as never),
    ]
    await Promise.allSettled(attempts)
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' }
    const bodies = [`{"card":{"number":"${card}","cvc":"${code}"}}`, `{"card":"${card}`, `[${card},`]
    for (const body of bodies) await send(`${url}/v1/checkout/sessions`, { method: 'POST', headers, body })
    await send(`${url}/v1/${card}?number=${card}&cvc=${code}`, { headers: { authorization: `Bearer ${card}` } })
    await send(`${url}/v1/charges?${card}=${code}`, { headers })
  }

  /** The last event of the last payment has been delivered. */
  async function arrived(stripe: Stripe): Promise<void> {
    const { data } = await stripe.events.list({ limit: 100, type: 'checkout.session.completed' })
    assert.equal(data.length, CODES.length)
    await until('every event is delivered', () => {
      const text = Buffer.concat(delivered).toString()
      return data.every((event) => text.includes(event.id))
    })
  }
})

function formOf(card: string, code: string, attempt: string): Record<string, string> {
  return {
    email: 'jenny@example.com',
    cardNumber: card,
    cardExpiry: '12 / 34',
    cardCvc: code,
    billingName: 'Jenny Rosen',
    attempt,
  }
}

async function attemptOf(send: typeof fetch, page: string): Promise<string> {
  const html = await (await send(page)).text()
  return /name="attempt" value="([^"]+)"/.exec(html)?.[1] ?? ''
}

function post(send: typeof fetch, url: string, fields: URLSearchParams, accept: string): Promise<Response> {
  const headers = { accept, 'content-type': 'application/x-www-form-urlencoded' }
  return send(url, { method: 'POST', redirect: 'manual', headers, body: fields.toString() })
}
