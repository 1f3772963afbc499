import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearestName } from './nearest.ts'

const NAMES = ['name', 'live', 'publishable', 'account', 'door']
for (const [typed, meant] of [
  ['nmae', 'name'],
  ['live', 'live'],
  ['publishabel', 'publishable'],
  ['acount', 'account'],
  ['colour', undefined],
  ['x', undefined],
  ['', undefined],
  ['a'.repeat(100_000), undefined],
] as const) {
  test(`${JSON.stringify(typed.slice(0, 20))} is meant for ${meant ?? 'nothing'}`, () =>
    assert.equal(nearestName(typed, NAMES), meant))
}
