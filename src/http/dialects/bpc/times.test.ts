import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { bpcTime, parseBpcTime } from './times.ts'

test('what is written is read as the same second', () => {
  const moments = fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true })
  fc.assert(
    fc.property(moments, (moment) => {
      assert.match(bpcTime(moment), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
      assert.equal(parseBpcTime(bpcTime(moment))?.getTime(), Math.floor(moment.getTime() / 1000) * 1000)
    }),
  )
})

const READ: readonly (readonly [text: string, moment: string | undefined])[] = [
  ['2023-10-31T12:20:00Z', '2023-10-31T12:20:00.000Z'],
  ['2023-10-31T12:20:00.123456Z', '2023-10-31T12:20:00.123Z'],
  ['2023-10-31T12:20:00+02:00', '2023-10-31T10:20:00.000Z'],
  ['2024-02-29T00:00:00+00:00', '2024-02-29T00:00:00.000Z'],
  ['2023-02-29T00:00:00Z', undefined],
  ['2023-02-30T00:00:00+01:00', undefined],
  ['2023-13-01T00:00:00Z', undefined],
  ['2023-10-31T24:00:00Z', undefined],
  ['2023-10-31T12:60:00Z', undefined],
  ['2023-10-31T12:20:00', undefined],
  ['2023-10-31T12:20:00+25:00', undefined],
  ['2023-10-31', undefined],
  ['1698754800', undefined],
  [' 2023-10-31T12:20:00Z', undefined],
  ['2023-10-31T12:20:00Z\n', undefined],
]
for (const [text, moment] of READ) {
  test(`${JSON.stringify(text)} is ${moment ?? 'no time'}`, () => {
    assert.equal(parseBpcTime(text)?.toISOString(), moment)
  })
}
