import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import { confirmAt } from './support/issuer.ts'
import { BANK_TOKEN, startTestOpentill } from './support/opentill.ts'
import { callsOf, makeCall, runSample, samplesOf } from './support/samples.ts'

const till = await startTestOpentill(import.meta.url)
after(till.stop)

const environment = { OPENTILL_URL: till.url, OPENTILL_SECRET_KEY: till.secretKey }

test('every call of docs/api.md answers what the page says, one after the other', async () => {
  const calls = callsOf('docs/api.md')
  assert.equal(calls.length, 12)
  const ids = new Map<string, string>()
  for (const call of calls) await passChallenge(await makeCall(call, ids, environment))
})

test('every call of docs/events.md does, with an endpoint that takes what it is sent', async () => {
  const receiver = createServer((_, response) => response.writeHead(204).end()).listen(0, '127.0.0.1')
  await once(receiver, 'listening')
  const { port } = receiver.address() as AddressInfo
  const calls = callsOf('docs/events.md')
  assert.equal(calls.length, 8)
  const ids = new Map<string, string>()
  for (const { text, says } of calls) {
    await makeCall({ text: text.replace('localhost:4242', `127.0.0.1:${port}`), says }, ids, environment)
  }
  receiver.close()
})

test('the SDK’s sample prints what its comments say', async () => {
  const [code = ''] = samplesOf('docs/api.md', 'js')
  const sample = code.replace('port: 4100', `port: ${new URL(till.url).port}`)
  const out = await runSample(process.execPath, ['--input-type=module', '-e', sample], environment)
  const said = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text = '']) => text)
  assert.equal(said.length, 4)
  assert.deepEqual(out.trim().split('\n'), said)
})

test('the calls of docs/sandbox-bank.md are taken by the bank', async () => {
  const [order = '', faults = ''] = samplesOf('docs/sandbox-bank.md', 'sh').map((code) =>
    code.replaceAll('http://127.0.0.1:4110', till.bankUrl).replaceAll('token-of-16-to-128', BANK_TOKEN),
  )
  assert.equal(JSON.parse(await runSample('sh', ['-ec', order], {})).status, 'captured')
  await till.stripe.paymentIntents.create({
    ...{ amount: 2400, currency: 'eur', confirm: true },
    payment_method: 'pm_card_visa',
  })
  const [list = '', rule = ''] = faults.split('\n\n')
  const { merchants } = JSON.parse(await runSample('sh', ['-ec', list], {}))
  const named = merchants.map(({ merchant }: { merchant: string }) => merchant)
  const ours = named.find((merchant: string) => /^t\d+$/.test(merchant))
  assert.ok(ours && named.includes('myshop'), named.join())
  const added = JSON.parse(await runSample('sh', ['-ec', rule.replace('t…', ours)], {}))
  assert.deepEqual([added.merchant, added.fault], [ours, 'executes_then_silent'])
})

/** What a shopper does who is sent to the answer's `next_action`. */
async function passChallenge(answer: string): Promise<void> {
  const [, url] = /"url": "([^"]+\/c\/3ds\/[^"]+)"/.exec(answer) ?? []
  if (url === undefined) return
  const [challenge] = /http:[^"]+\/acs\/challenge\/\w+/.exec(await (await fetch(url)).text()) ?? []
  assert.ok(challenge, 'the page leads to the issuer')
  await confirmAt(challenge)
}
