import assert from 'node:assert/strict'
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { CHALLENGE_CODE, TEST_CARDS } from '../src/sandbox-bank/test-cards.ts'
import { temporaryFolder } from './support/folder.ts'
import { startTestOpentill } from './support/opentill.ts'
import { runSample, samplesOf } from './support/samples.ts'
import { ROOT } from './support/source.ts'

/** The README's samples as they stand there; only the address and the place of the keys are another's. */
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const till = await startTestOpentill(import.meta.url)
const folder = temporaryFolder()
after(async () => {
  await till.stop()
  rmSync(folder, { recursive: true, force: true })
})
writeFileSync(
  join(folder, 'dev-keys.env'),
  `OPENTILL_SECRET_KEY=${till.secretKey}\nOPENTILL_PUBLISHABLE_KEY=${till.publishableKey}\n`,
)

const samples = (language: string): readonly string[] =>
  samplesOf('README.md', language).map((code) =>
    code.replaceAll('http://127.0.0.1:4100', till.url).replaceAll('.opentill/dev-keys.env', `${folder}/dev-keys.env`),
  )

test('the curl samples make a session and read it back after the payment', async () => {
  const [, create = '', read = ''] = samples('sh')
  const created = JSON.parse(await runSample('sh', ['-ec', create], {}))
  assert.equal(created.status, 'open')
  assert.equal(created.amount_total, 2400)
  await pay(created.url)
  const settled = JSON.parse(
    await runSample('sh', ['-ec', read.replace('cs_test_…', created.id)], { OPENTILL_SECRET_KEY: till.secretKey }),
  )
  assert.deepEqual([settled.status, settled.payment_status], ['complete', 'paid'])
})

test('the SDK sample prints the page to go to', async () => {
  const [code = ''] = samples('js')
  const port = new URL(till.url).port
  const sample = code.replace('port: 4100', `port: ${port}`)
  const out = await runSample(process.execPath, ['--input-type=module', '-e', sample], {
    OPENTILL_SECRET_KEY: till.secretKey,
  })
  const [url, state] = out.trim().split('\n')
  assert.match(url ?? '', /^http:\/\/127\.0\.0\.1:\d+\/c\/pay\/cs_test_\w+$/)
  assert.equal(state, 'open unpaid')
})

test('every card of the README is one of the bank’s, with that outcome', () => {
  const rows = [...readme.matchAll(/^\| ([\d ]+) \| (.*) \|$/gm)].map(([, number = '', outcome = '']) => {
    const card = TEST_CARDS.find((one) => one.number === number.replaceAll(' ', ''))
    return [outcome, card?.group]
  })
  assert.deepEqual(rows, [
    ['approved', 'Approved'],
    ['declined; try another', 'Declined'],
    [`asks for its cardholder (3-D Secure): the code is ${CHALLENGE_CODE}`, '3-D Secure'],
  ])
})

test('the README is the Node that package.json asks for, and the one that its scripts run on', () => {
  const { engines, devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  assert.equal(engines.node, `>=${/Node (\d+) or newer with npm/.exec(readme)?.[1]}`)
  assert.equal(devDependencies.node.split('.')[0], /the Node (\d+) on which every/.exec(readme)?.[1])
})

test('every link to a file of ours leads somewhere', () => {
  for (const [, path = ''] of readme.matchAll(/\]\((?!https?:)([^)#]+)\)/g)) {
    assert.doesNotThrow(() => readFileSync(join(ROOT, path)), path)
  }
})

async function pay(url: string): Promise<void> {
  const page = await (await fetch(url)).text()
  const attempt = /name="attempt" value="([^"]+)"/.exec(page)?.[1] ?? ''
  const form = { email: 'jenny@example.com', billingName: 'Jenny Rosen', cardExpiry: '12/34', cardCvc: '123' }
  const answer = await fetch(`${url}/pay`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ attempt, cardNumber: '4242 4242 4242 4242', ...form }),
  })
  assert.equal(answer.status, 303)
}
