import assert from 'node:assert/strict'
import { after, describe, test } from 'node:test'
import { startPageTill } from '../../test/support/page-till.ts'
import { viewOf } from '../../test/support/paying.ts'
import { credentialOf, nameOf, parseName, provesCredential, splitCredential } from '../core/ids.ts'
import type { PageAlias } from '../core/page-alias.ts'
import type { Door, Session } from '../core/session.ts'
import type { Storage } from '../storage/storage.ts'

/** How a door finds its session: its own credential, under the session's secret, with a word before it. */
const idAt = (door: Door, session: Session): string =>
  `${door}_${credentialOf(nameOf('session', session.tenant, session.id), session.secret, door)}`

function aliasOf(storage: Storage, door: Door, path: string): PageAlias {
  return {
    door,
    path,
    async find({ params, query }) {
      const text = params.id ?? query.link_id
      if (typeof text !== 'string' || !text.startsWith(`${door}_`)) return undefined
      const parts = splitCredential(text.slice(door.length + 1))
      const name = parts && parseName('session', parts.name)
      const view = name && (await storage.findSessionView(name.tenant, name.id))
      return view && provesCredential(parts.claim, view.session.secret, door) ? view.session : undefined
    },
  }
}

const page = await startPageTill(import.meta.url, {
  desk: (desk) => ({
    ...desk,
    aliases: [
      aliasOf(desk.payments.storage, 'opencheckout', '/pay/:id'),
      aliasOf(desk.payments.storage, 'ozura', '/pay/:id'),
      aliasOf(desk.payments.storage, 'ozura', '/checkout/:id'),
      aliasOf(desk.payments.storage, 'secpaid', '/payment'),
    ],
  }),
})
after(page.stop)
const ask = (path: string, method = 'GET') => fetch(page.url + path, { method, redirect: 'manual' })

describe('a door’s own address of the page', () => {
  const ADDRESSES: readonly [name: string, door: Door, path: (id: string) => string][] = [
    ['that two doors share, told apart by the id', 'opencheckout', (id) => `/pay/${id}`],
    ['of the other of the two', 'ozura', (id) => `/pay/${id}`],
    ['with the id in its path', 'ozura', (id) => `/checkout/${id}`],
    ['with the id in its query', 'secpaid', (id) => `/payment?utm=1&link_id=${id}`],
  ]
  for (const [name, door, path] of ADDRESSES) {
    test(`${name} leads to the session's page and changes nothing`, async () => {
      const session = await page.till.openSession({}, { caller: { ...page.till.caller, door } })
      const before = await viewOf(page.till, session)
      for (const method of ['GET', 'HEAD']) {
        const answer = await ask(path(idAt(door, session)), method)
        assert.deepEqual(
          [answer.status, answer.headers.get('location'), answer.headers.get('cache-control')],
          [302, page.url + page.pathOf(session), 'no-store'],
        )
        assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
      }
      assert.deepEqual(await viewOf(page.till, session), before)
      assert.equal((await fetch(page.url + path(idAt(door, session)))).status, 200)
    })
  }

  test('finds nothing by a name alone, by another session’s proof, or at another door’s address', async () => {
    const session = await page.till.openSession()
    const other = await page.till.openSession()
    const id = idAt('ozura', session)
    const strange = [
      `/pay/${nameOf('session', session.tenant, session.id)}`,
      `/pay/${id.slice(0, -1)}${id.endsWith('A') ? 'B' : 'A'}`,
      `/pay/${id.slice(0, -22)}${idAt('ozura', other).slice(-22)}`,
      `/checkout/${idAt('opencheckout', session)}`,
      '/payment',
      `/payment?link_id=${idAt('secpaid', session)}&link_id=${idAt('secpaid', session)}`,
    ]
    const nothing = await (await ask('/c/pay/nothing')).text()
    const plain = (html: string) => html.replace(/nonce="[^"]+"/g, '')
    for (const path of strange) {
      const answer = await ask(path)
      assert.equal(answer.status, 404, path)
      assert.equal(plain(await answer.text()), plain(nothing), path)
    }
  })

  test('takes no POST', async () => {
    const session = await page.till.openSession()
    assert.equal((await ask(`/checkout/${idAt('ozura', session)}`, 'POST')).status, 404)
  })
})
