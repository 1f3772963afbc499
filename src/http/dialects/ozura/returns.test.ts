import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Charge } from '../../../core/charge.ts'
import type { Session, SessionDocument } from '../../../core/session.ts'
import type { Returning } from '../../../core/shop-returns.ts'
import { isOwnErrorPage } from './own-error-page.ts'
import { cancelReturn, failureReturn, successReturn } from './returns.ts'

const URLS = {
  successUrl: 'https://shop.example/done?a=1&b=%20#part',
  cancelUrl: 'https://shop.example/cart?x=ü&y=1',
  failureUrl: 'https://shop.example/error',
}
const OWN = {
  publicUrl: () => 'https://pay.example',
  errorPageUrl: ({ errorCode }: { readonly errorCode: string }) => `https://pay.example/error?${errorCode}&proof=x`,
}

function at(state: Session['state'], charge: Partial<Charge> | null, document: Partial<SessionDocument> = {}) {
  const session = {
    tenant: 3,
    id: '019aa5c3-1f8a-7c0f-8a1d-3be2c4f60718',
    secret: new Uint8Array(16),
    door: 'ozura',
    state,
    currency: 'USD',
    amountTotal: 2500n,
    completedAt: state === 'complete' ? new Date('2026-11-21T10:00:00.000Z') : null,
    document: {
      ...URLS,
      lineItems: [],
      dialect: { merchantId: 'ozu & sons', taxExempt: false, metadata: { note: 'a&b=ü "x"' } },
      ...document,
    },
  } as unknown as Session
  const made = charge && { tenant: 3, id: session.id, document: {}, ...charge }
  return { session, payment: null, charge: made, account: { tenant: 2, id: session.id } } as unknown as Returning
}
const declined = (code: string) => ({ state: 'declined', document: { decline: { code } } }) as const

test('before anything is paid every end has the origin that it will have', () => {
  for (const url of [successReturn(at('open', null)), failureReturn(at('open', null), OWN)]) {
    assert.equal(new URL(url ?? '').origin, 'https://shop.example')
  }
  assert.equal(successReturn(at('open', null, { successUrl: undefined } as never)), undefined)
  assert.equal(failureReturn(at('open', null, { failureUrl: undefined } as never), OWN), undefined)
})

test('nothing of what the shop wrote is touched, and metadata comes back as it was', () => {
  const url = successReturn(at('complete', { state: 'captured' })) ?? ''
  assert.ok(url.startsWith('https://shop.example/done?a=1&b=%20&success=true&'))
  assert.ok(url.endsWith('#part'))
  assert.match(url, /^[\x21-\x7e]+$/)
  const { searchParams } = new URL(url)
  assert.deepEqual(JSON.parse(searchParams.get('metadata') ?? ''), { note: 'a&b=ü "x"' })
  assert.equal(searchParams.get('ozuraMerchantId'), 'ozu & sons')
  assert.equal(cancelReturn(at('canceled', null)), URLS.cancelUrl)
})

const STOPS: readonly (readonly [what: string, charge: Partial<Charge> | null, code: string | undefined])[] = [
  ['an order that never arrived', { state: 'failed' }, 'SYSTEM_ERROR'],
  ['a provider that does not know the shop', declined('credentials_refused'), 'AUTH_ERROR'],
  ['the last decline', declined('insufficient_funds'), undefined],
  ['a decline that nobody has heard of', declined('news'), undefined],
  ['a hold that somebody released', { state: 'voided' }, 'SESSION_FAILED'],
  ['no charge at all', null, 'SESSION_FAILED'],
]
for (const [what, charge, code] of STOPS) {
  test(`a session that failed by ${what} ${code === undefined ? 'keeps its shopper' : `says ${code}`}`, () => {
    const url = failureReturn(at('failed', charge), OWN)
    if (code === undefined) return assert.equal(url, undefined)
    const { sessionId, error, ...said } = Object.fromEntries(new URL(url ?? '').searchParams)
    assert.deepEqual(said, { success: 'false', errorCode: code, cancelUrl: URLS.cancelUrl })
    assert.match(String(sessionId), /^session_test_/)
    assert.ok(String(error).length > 10)
  })
}

test('our own error page gets our proof', () => {
  const session = { failureUrl: undefined, dialect: { metadata: {}, ownErrorPage: true } } as never
  const url = failureReturn(at('failed', { state: 'failed' }, session), OWN)
  assert.ok(url?.startsWith('https://pay.example/error?SYSTEM_ERROR&proof=x&success=false&sessionId='), url)
  assert.equal(failureReturn(at('failed', { state: 'failed' }, session), {}), undefined)
})

test('no page that only looks like our own is taken for it', () => {
  for (const url of ['https://pay.example/error', 'https://PAY.example:443/error?theme=dark']) {
    assert.equal(isOwnErrorPage(url, 'https://pay.example'), true, url)
  }
  for (const url of ['https://pay.example/errors', 'https://pay.example.evil/error', 'http://pay.example/error', 'x']) {
    assert.equal(isOwnErrorPage(url, 'https://pay.example'), false, url)
  }
})
