import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { after, test } from 'node:test'
import { startTestApi } from '../../../test/support/api.ts'
import { apiMarkdown, ROUTES } from './routes-page.ts'

const api = await startTestApi(import.meta.url)
after(api.stop)

test('every route is described, and nothing is described that is not there', () => {
  const present = api.routes.filter(({ method, url, door }) => method !== 'HEAD' && url.startsWith('/v1/') && !door)
  assert.deepEqual(present.map(({ method, url }) => `${method} ${url}`).sort(), Object.keys(ROUTES).sort())
})

test('docs/api.md says what the table says', () => {
  assert.equal(readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8'), apiMarkdown())
})
