import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { confirmAt } from './support/issuer.ts'
import { startTestOpentill } from './support/opentill.ts'
import { runSample, samplesOf } from './support/samples.ts'

const till = await startTestOpentill(import.meta.url)
after(till.stop)

/** Each call of the page, with what the page says that it answers. The first block is the shell's own variables. */
const CALLS = samplesOf('docs/api.md', 'sh')
  .slice(1)
  .flatMap((block) => block.trim().split('\n\n'))
  .map((text) => {
    const [, call = '', says = ''] = /^(.*)\n# (.*)$/s.exec(text) ?? []
    return { call, says: says.split(/, (?=")/) }
  })
const environment = { OPENTILL_URL: till.url, OPENTILL_SECRET_KEY: till.secretKey }

test('every call of docs/api.md answers what the page says, one after the other', async () => {
  assert.equal(CALLS.length, 12)
  let payment = ''
  for (const { call, says } of CALLS) {
    assert.ok(
      says.every((said) => /^"\w+": \S/.test(said)),
      call,
    )
    const send = () => runSample('sh', ['-ec', call.replaceAll('pi_…', payment)], environment)
    let answer = await send()
    // A shopper who was asked for is heard of by the bank's word, a moment later.
    while (/^curl \S+ "[^"]+\/pi_…" /.test(call) && answer.includes('"requires_action"')) answer = await send()
    for (const said of says) assert.ok(answer.includes(said), `${call}\n${said}\n${answer}`)
    payment = /"(pi_\w+?)"/.exec(answer)?.[1] ?? payment
    await passChallenge(answer)
  }
})

test('the SDK’s sample prints what its comments say', async () => {
  const [code = ''] = samplesOf('docs/api.md', 'js')
  const sample = code.replace('port: 4100', `port: ${new URL(till.url).port}`)
  const out = await runSample(process.execPath, ['--input-type=module', '-e', sample], environment)
  const said = [...code.matchAll(/console\.log\(.*\) \/\/ (.*)$/gm)].map(([, text = '']) => text)
  assert.equal(said.length, 4)
  assert.deepEqual(out.trim().split('\n'), said)
})

/** What a shopper does who is sent to the answer's `next_action`. */
async function passChallenge(answer: string): Promise<void> {
  const [, url] = /"url": "([^"]+\/c\/3ds\/[^"]+)"/.exec(answer) ?? []
  if (url === undefined) return
  const [challenge] = /http:[^"]+\/acs\/challenge\/\w+/.exec(await (await fetch(url)).text()) ?? []
  assert.ok(challenge, 'the page leads to the issuer')
  await confirmAt(challenge)
}
