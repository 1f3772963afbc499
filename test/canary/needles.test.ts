import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import fc from 'fast-check'
import { findIn, needlesFor, standsAlone } from './needles.ts'

const NUMBER = '4242424242424242'
const AMEX = '378282246310005'

describe('a number is found however it is spelled', () => {
  const SPELLED: readonly [string, Buffer][] = [
    ['raw', Buffer.from(`{"note":"${NUMBER}"}`)],
    ['spaced', Buffer.from('the card 4242 4242 4242 4242.')],
    ['dashed', Buffer.from('4242-4242-4242-4242')],
    ['spaced, URL-encoded', Buffer.from(encodeURIComponent('a 4242 4242 4242 4242'))],
    ['spaced, form-encoded', Buffer.from(new URLSearchParams({ n: '4242 4242 4242 4242' }).toString())],
    ['reversed', Buffer.from('2424242424242424')],
    ['hex', Buffer.from(Buffer.from(`x${NUMBER}`).toString('hex'))],
    ['UTF-16LE', Buffer.from(`Ω${NUMBER}`, 'utf16le')],
    ['UTF-16BE', Buffer.from(`Ω${NUMBER}`, 'utf16le').swap16()],
    ['escaped as JSON may', Buffer.from('\\u0034\\u0032'.repeat(8))],
  ]
  for (const [what, pile] of SPELLED) test(what, () => assert.ok(findIn(pile, NUMBER).includes(what)))

  test('in base64, whatever stands around it', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 20 }), fc.uint8Array({ maxLength: 20 }), (before, after) => {
        const text = Buffer.concat([before, Buffer.from(AMEX), after]).toString('base64')
        assert.match(findIn(Buffer.from(text), AMEX).join(), /base64/)
      }),
    )
  })

  test('any needle, anywhere in a pile', () => {
    const needles = needlesFor(AMEX)
    fc.assert(
      fc.property(fc.nat(needles.length - 1), fc.uint8Array({ maxLength: 200 }), (at, around) => {
        const needle = needles[at]
        assert.ok(needle)
        assert.ok(findIn(Buffer.concat([around, needle.bytes, around]), AMEX).includes(needle.what))
      }),
    )
  })

  test('and not where it is not', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5_000 }), (pile) => assert.deepEqual(findIn(Buffer.from(pile), AMEX), [])),
    )
  })
})

describe('a code is found where it stands alone', () => {
  for (const text of ['"cvc":"9174"', 'cardCvc=9174&x', 'code 9174', '9174', '(9174)', '\u00009174\u0001'])
    test(JSON.stringify(text), () => assert.ok(standsAlone(Buffer.from(text), '9174')))
  for (const text of ['19174', '91745', 'a9174', '9174f', '0.9174', '12:9174', 'x-9174-y'])
    test(`not in ${text}`, () => assert.ok(!standsAlone(Buffer.from(text), '9174')))
})
