import assert from 'node:assert/strict'
import { test } from 'node:test'
import { askTogether } from './ask-together.ts'

type Asked = { answer(): void; fail(): void }

function bench() {
  const asked: Asked[] = []
  const ask = () => new Promise<void>((answer, fail) => void asked.push({ answer, fail: () => fail(new Error('no')) }))
  const owner = {}
  return { asked, want: (about = 'a') => askTogether(owner, about, ask) }
}

test('all who come while a question is under way share the next, which begins when that one is over', async () => {
  const { asked, want } = bench()
  const first = want()
  const others = Array.from({ length: 100 }, () => want())
  assert.equal(asked.length, 1)
  asked[0]?.answer()
  await first
  assert.equal(asked.length, 2)
  const late = want()
  asked[1]?.answer()
  await Promise.all(others)
  assert.equal(asked.length, 3)
  asked[2]?.answer()
  await late
  const again = want()
  assert.equal(asked.length, 4, 'nobody waits for an answer that came before they asked')
  asked[3]?.answer()
  await again
})

test('a question that fails fails for those who shared it alone', async () => {
  const { asked, want } = bench()
  const first = want()
  const [one, two] = [want(), want()]
  asked[0]?.fail()
  await assert.rejects(first)
  asked[1]?.answer()
  await Promise.all([one, two])
})

test('other matters, and other owners, ask for themselves', async () => {
  const [mine, theirs] = [bench(), bench()]
  const all = [mine.want('a'), mine.want('b'), theirs.want('a')]
  assert.deepEqual([mine.asked.length, theirs.asked.length], [2, 1])
  for (const { answer } of [...mine.asked, ...theirs.asked]) answer()
  await Promise.all(all)
})
