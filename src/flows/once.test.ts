import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { eventsOf, viewOf } from '../../test/support/paying.ts'
import { ordinaryBasket, startTestTill } from '../../test/support/till.ts'
import type { Session } from '../core/session.ts'
import type { Call } from './call.ts'
import { expireSession } from './close-session.ts'
import { createSession } from './create-session.ts'
import type { Answer } from './once.ts'
import type { Result } from './refusals.ts'
import { updateSession } from './update-session.ts'

const till = await startTestTill(import.meta.url)
after(till.stop)
const context = till.payments
const callOf = (key: string, parameters: Readonly<Record<string, string>> = {}, request = 'POST /x'): Call => ({
  caller: till.caller,
  requestId: 'req_test',
  key: { key, request, parameters },
})
const sessionIn = (answer: Result<Answer>): Session => {
  if (!answer.ok || answer.value.snapshot.is !== 'session') throw new Error(JSON.stringify(answer))
  return answer.value.snapshot.session
}
const replayed = (answer: Result<Answer>) => answer.ok && answer.value.replayed
const refusal = (answer: Result<Answer>) => (answer.ok ? undefined : answer.refusal)

test('the same key and request make one session, and the second answer is the first', async () => {
  const call = callOf('create', { amount: 'a' })
  const first = await createSession(context, call, ordinaryBasket())
  const again = await createSession(context, call, ordinaryBasket())
  assert.deepEqual([replayed(first), replayed(again)], [false, true])
  assert.deepEqual(sessionIn(again), sessionIn(first))
})

test('the answer stays the first one, whatever became of the session since', async () => {
  const call = callOf('kept')
  const first = sessionIn(await createSession(context, call, ordinaryBasket()))
  await till.pay(first, '4242424242424242')
  assert.deepEqual(sessionIn(await createSession(context, call, ordinaryBasket())), first)
})

test('the same key with another request is refused, and names the parameter that differs', async () => {
  await createSession(context, callOf('mismatch', { amount: 'a', currency: 'e' }), ordinaryBasket())
  const other = (parameters: Readonly<Record<string, string>>, request?: string) =>
    createSession(context, callOf('mismatch', parameters, request), ordinaryBasket()).then(refusal)
  const named = (param?: string) => ({
    code: 'idempotency_mismatch',
    ...(param ? { param } : {}),
    detail: 'mismatch',
  })
  assert.deepEqual(await other({ amount: 'b', currency: 'e' }), named('amount'))
  assert.deepEqual(await other({ amount: 'a' }), named('currency'))
  assert.deepEqual(await other({ amount: 'a', currency: 'e', extra: 'x' }), named('extra'))
  assert.deepEqual(await other({ amount: 'a', currency: 'e' }, 'POST /y'), named())
})

test('a refused request leaves its key free', async () => {
  const call = callOf('free')
  const tooEarly = { ...ordinaryBasket(), expiresAt: new Date(0) }
  assert.equal(refusal(await createSession(context, call, tooEarly))?.code, 'expiry_out_of_range')
  assert.equal(replayed(await createSession(context, call, ordinaryBasket())), false)
})

test('a key that stands for a session answers even where the same request would now be refused', async () => {
  const call = callOf('stands')
  const first = sessionIn(await createSession(context, call, ordinaryBasket()))
  const again = await createSession(context, call, { ...ordinaryBasket(), expiresAt: new Date(0) })
  assert.deepEqual(sessionIn(again), first)
})

test('40 requests with one key at once make one session, and all hear of the same', async () => {
  const call = callOf('many')
  const answers = await Promise.all(Array.from({ length: 40 }, () => createSession(context, call, ordinaryBasket())))
  assert.equal(new Set(answers.map((answer) => sessionIn(answer).id)).size, 1)
  assert.equal(answers.filter((answer) => !replayed(answer)).length, 1)
})

test('a session is expired once per key: all twins hear the same, another key is refused', async () => {
  const session = await till.openSession()
  const call = callOf('expire')
  const answers = await Promise.all(Array.from({ length: 20 }, () => expireSession(context, call, session.id)))
  for (const answer of answers) assert.deepEqual(sessionIn(answer), sessionIn(answers[0] as Result<Answer>))
  assert.equal(answers.filter((answer) => !replayed(answer)).length, 1)
  assert.equal(refusal(await expireSession(context, callOf('expire-2'), session.id))?.code, 'session_not_open')
  assert.deepEqual((await eventsOf(till, session)).slice(1), ['checkout.session.expired'])
})

test('a twin that was done while this request was loading gives its answer, not the refusal it causes', async () => {
  const session = await till.openSession()
  const call = callOf('overtaken')
  let twin: Result<Answer> | undefined
  const slow: typeof context = {
    ...context,
    storage: {
      ...context.storage,
      findSessionView: async (tenant, id) => {
        twin ??= await expireSession(context, call, session.id)
        return context.storage.findSessionView(tenant, id)
      },
    },
  }
  const answer = await expireSession(slow, call, session.id)
  assert.deepEqual([replayed(answer), sessionIn(answer)], [true, sessionIn(twin ?? answer)])
})

test('a change without an event is answered from its key as it was then', async () => {
  const session = await till.openSession()
  const call = callOf('update')
  const first = await updateSession(context, call, session.id, { metadata: { a: '1' } })
  await updateSession(context, callOf('update-2'), session.id, { metadata: { a: '2' } })
  const again = await updateSession(context, call, session.id, { metadata: { a: '1' } })
  assert.equal(replayed(again), true)
  assert.deepEqual(sessionIn(again), sessionIn(first))
  assert.deepEqual((await viewOf(till, session)).session.document.metadata, { a: '2' })
})

test('changes under different keys at once are all made, each on what the others left', async () => {
  const session = await till.openSession()
  const answers = await Promise.all(
    Array.from({ length: 4 }, (_, at) =>
      updateSession(context, callOf(`both-${at}`), session.id, { metadata: { [`k${at}`]: 'v' } }),
    ),
  )
  for (const answer of answers) assert.equal(refusal(answer), undefined)
  const { session: left } = await viewOf(till, session)
  assert.deepEqual(Object.keys(left.document.metadata ?? {}).sort(), ['k0', 'k1', 'k2', 'k3'])
  assert.equal(left.version, 5)
})

test('thirty changes of one object at once wait for each other: none fails for being one of many', async () => {
  const session = await till.openSession()
  const answers = await Promise.all(
    Array.from({ length: 30 }, (_, at) =>
      updateSession(context, callOf(`crowd-${at}`), session.id, { metadata: { [`k${at}`]: 'v' } }),
    ),
  )
  assert.deepEqual(answers.map(refusal), Array(30).fill(undefined))
  assert.equal(Object.keys((await viewOf(till, session)).session.document.metadata ?? {}).length, 30)
})
