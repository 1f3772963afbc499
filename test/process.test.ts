import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, rmSync, statSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import Stripe from 'stripe'
import { temporaryFolder } from './support/folder.ts'

/** Opentill as a process, as `npm start` and the supervisor of a real machine see it. */
const folder = temporaryFolder()
const started: ChildProcess[] = []
after(() => {
  for (const child of started) if (child.exitCode === null) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

type Run = { readonly child: ChildProcess; out: string; err: string; readonly ended: Promise<number | null> }

function start(settings: Record<string, string> = {}): Run {
  const child = spawn(process.execPath, ['src/main.ts'], {
    env: {
      PATH: process.env.PATH,
      OPENTILL_DATA_DIR: join(folder, 'data'),
      OPENTILL_PORT: '0',
      OPENTILL_BANK_PORT: '0',
      OPENTILL_STORE_PORT: '0',
      ...settings,
    },
  })
  started.push(child)
  const run: Run = { child, out: '', err: '', ended: once(child, 'exit').then(([code]) => code as number | null) }
  child.stdout?.on('data', (chunk: Buffer) => {
    run.out += chunk
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    run.err += chunk
  })
  return run
}

async function greeted(run: Run): Promise<void> {
  while (!run.out.includes('dev-keys.env')) {
    if (run.child.exitCode !== null) throw new Error(`it ended: ${run.err}`)
    await pause(20)
  }
}

const urlAfter = (label: string, { out }: Run): string => new RegExp(`${label}\\s+(http://\\S+)`).exec(out)?.[1] ?? ''
const keysFile = join(folder, 'data', 'dev-keys.env')

function clientOf(run: Run): Stripe {
  const url = new URL(urlAfter('API and payment page', run))
  const key = /^OPENTILL_SECRET_KEY=(\S+)$/m.exec(readFileSync(keysFile, 'utf8'))?.[1] ?? ''
  return new Stripe(key, { host: url.hostname, port: Number(url.port), protocol: 'http' })
}

const basket = {
  mode: 'payment' as const,
  line_items: [{ quantity: 1, price_data: { currency: 'eur', unit_amount: 2400, product_data: { name: 'Tea' } } }],
  success_url: 'https://shop.example/done',
}

test('the first start greets with keys, writes them for their owner alone, and the keys work', async () => {
  const run = start()
  await greeted(run)
  assert.match(run.out, /OPENTILL_SECRET_KEY=sk_test_\w+/)
  assert.match(run.out, /OPENTILL_PUBLISHABLE_KEY=pk_test_\w+/)
  assert.match(run.out, /OPENTILL_WEBHOOK_SECRET=whsec_\S+/)
  assert.equal(statSync(keysFile).mode & 0o777, 0o600)
  const session = await clientOf(run).checkout.sessions.create(basket)
  assert.equal(session.status, 'open')

  const second = start()
  assert.equal(await second.ended, 1)
  assert.match(second.err, /^Another Opentill process .* uses the data folder [^\n]+\n$/)

  run.child.kill('SIGTERM')
  assert.equal(await run.ended, 0)
  assert.equal(run.err, '')
})

test('the next start keeps the keys to itself and finds the sessions again', async () => {
  const run = start()
  await greeted(run)
  assert.doesNotMatch(run.out, /sk_test_/)
  const { data } = await clientOf(run).checkout.sessions.list()
  assert.equal(data.length, 1)
  assert.equal((await fetch(urlAfter('Demo shop', run))).status, 200)
  run.child.kill('SIGTERM')
  assert.equal(await run.ended, 0)
})

test('a start on a taken port says so in one sentence and leaves nothing running', async () => {
  const squatter = createServer().listen(0, '127.0.0.1')
  await once(squatter, 'listening')
  const { port } = squatter.address() as { port: number }
  const run = start({ OPENTILL_PORT: String(port) })
  assert.equal(await run.ended, 1)
  assert.match(run.err, new RegExp(`^Port ${port} on 127.0.0.1 is taken [^\\n]+\\n$`))
  squatter.close()
  const again = start()
  await greeted(again)
  again.child.kill('SIGTERM')
  assert.equal(await again.ended, 0)
})

test('bad settings are listed all at once', async () => {
  const run = start({ OPENTILL_PORT: 'high', OPENTILL_STORE_HOST: 'a b', OPENTILL_DATADIR: 'x' })
  assert.equal(await run.ended, 1)
  for (const name of ['OPENTILL_PORT', 'OPENTILL_STORE_HOST', 'OPENTILL_DATADIR']) {
    assert.match(run.err, new RegExp(`^ {2}- ${name} `, 'm'))
  }
})

test('SIGTERM finishes the payment that is in flight and answers it', async () => {
  const run = start()
  await greeted(run)
  const session = await clientOf(run).checkout.sessions.create(basket)
  const page = await (await fetch(session.url ?? '')).text()
  const attempt = /name="attempt" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const paying = fetch(`${session.url}/pay`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({
      attempt,
      email: 'jenny@example.com',
      billingName: 'Jenny Rosen',
      cardNumber: '4242424242424242',
      cardExpiry: '12 / 34',
      cardCvc: '123',
    }),
  })
  await pause(15) // The request is on its way; whichever step it has reached, it must be finished.
  run.child.kill('SIGTERM')
  const answer = await paying.catch(() => undefined)
  assert.equal(await run.ended, 0)
  const again = start()
  await greeted(again)
  const settled = await clientOf(again).checkout.sessions.retrieve(session.id)
  assert.deepEqual(
    answer ? [answer.status, settled.status, settled.payment_status] : [settled.status, settled.payment_status],
    answer ? [303, 'complete', 'paid'] : ['open', 'unpaid'],
  )
  again.child.kill('SIGTERM')
  assert.equal(await again.ended, 0)
})

for (const signal of ['SIGKILL', 'SIGQUIT'] as const) {
  test(`a database that ends by ${signal} under load: one sentence, exit code 1, no stack`, async () => {
    const run = start()
    await greeted(run)
    const stripe = clientOf(run)
    let paid = 0
    const shops = Array.from({ length: 12 }, async () => {
      while (run.child.exitCode === null) {
        const paying = { amount: 2400, currency: 'eur', confirm: true, payment_method: 'pm_card_visa' }
        await stripe.paymentIntents
          .create({ ...paying, return_url: 'https://shop.example/back' }, { maxNetworkRetries: 0, timeout: 5_000 })
          .then(
            () => paid++,
            () => pause(5),
          )
      }
    })
    while (paid < 30) await pause(5)
    const [pid] = readFileSync(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')
    process.kill(Number(pid), signal)
    assert.equal(await run.ended, 1)
    await Promise.all(shops)
    assert.equal(run.err.match(/^PostgreSQL ended unexpectedly/gm)?.length, 1, run.err)
    assert.doesNotMatch(run.err, /^\s+at |^TypeError/m, 'what nobody caught is printed with its stack')
  })
}

test('a database that dies while the process stops is told once, and makes the exit code 1', async () => {
  const run = start()
  await greeted(run)
  const { port } = new URL(urlAfter('API and payment page', run))
  // A request whose body does not come keeps the stop waiting.
  const waiting = connect(Number(port), '127.0.0.1')
  waiting.on('error', () => {})
  waiting.write('POST /c/pay/x/pay HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n')
  waiting.write('Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 10\r\n\r\n')
  await once(waiting, 'data')
  run.child.kill('SIGTERM')
  while (await isListening(Number(port))) await pause(20)
  const [pid] = readFileSync(join(folder, 'data', 'postgres', 'postmaster.pid'), 'utf8').split('\n')
  process.kill(Number(pid), 'SIGQUIT')
  while (!run.err.includes('\n')) await pause(20)
  waiting.destroy()
  assert.equal(await run.ended, 1)
  assert.equal(run.err.match(/PostgreSQL ended unexpectedly/g)?.length, 1, run.err)
})

async function isListening(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  const connected = await once(socket, 'connect').then(
    () => true,
    () => false,
  )
  socket.destroy()
  return connected
}
