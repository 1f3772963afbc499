import assert from 'node:assert/strict'
import { test } from 'node:test'
import { keyName, publicKeyOf, publishedKey, signReceipt } from './receipt.ts'
import { withReceipt } from './return-urls.ts'

/** RFC 8037, appendix A: the key, its thumbprint. */
const SEED = Buffer.from('nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A', 'base64url')
const X = '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo'

test('the public key and its name are those of RFC 8037', () => {
  assert.equal(Buffer.from(publicKeyOf(SEED)).toString('base64url'), X)
  assert.equal(keyName(publicKeyOf(SEED)), 'kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k')
})

test('a receipt verifies by another implementation, and by no bit less', async () => {
  const receipt = signReceipt({ amount: 2400 }, SEED)
  const [header = '', payload = '', signature = ''] = receipt.split('.')
  assert.deepEqual(JSON.parse(Buffer.from(header, 'base64url').toString()), {
    alg: 'EdDSA',
    kid: keyName(publicKeyOf(SEED)),
    typ: 'opentill-receipt+jwt',
  })
  const { kty, crv, x } = publishedKey(publicKeyOf(SEED))
  const key = await crypto.subtle.importKey('jwk', { kty, crv, x }, 'Ed25519', false, ['verify'])
  const verify = (text: string) =>
    crypto.subtle.verify('Ed25519', key, Buffer.from(signature, 'base64url'), Buffer.from(text))
  assert.equal(await verify(`${header}.${payload}`), true)
  const other = Buffer.from('{"amount":2401}').toString('base64url')
  assert.equal(await verify(`${header}.${other}`), false)
})

for (const [url, expected] of [
  ['https://shop.example/done', 'https://shop.example/done?opentill_receipt=R'],
  ['https://shop.example/done?', 'https://shop.example/done?opentill_receipt=R'],
  ['https://shop.example/done?a=%20b&id=cs_1', 'https://shop.example/done?a=%20b&id=cs_1&opentill_receipt=R'],
  ['https://shop.example/#/done?a=1', 'https://shop.example/?opentill_receipt=R#/done?a=1'],
  ['https://shop.example/ä?x=ü#y', 'https://shop.example/ä?x=ü&opentill_receipt=R#y'],
  ['myshop://done?a=1', 'myshop://done?a=1&opentill_receipt=R'],
] as const) {
  test(`${url} keeps all that the shop wrote`, () => assert.equal(withReceipt(url, 'R'), expected))
}
