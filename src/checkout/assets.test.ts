import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { pageModels } from '../../test/support/page-models.ts'
import { type BuiltAssets, buildAssets } from './assets.ts'
import type { PageModel } from './model.ts'
import { renderPage } from './render-page.ts'

const KB = 1024
const gz = (bytes: string | Uint8Array): number => gzipSync(bytes, { level: 9 }).length

describe('weight of the first view (W1)', () => {
  let assets: BuiltAssets
  const page = (name: string): PageModel => {
    const model = pageModels(assets).get(name)
    assert.ok(model)
    return model
  }
  before(async () => {
    assets = await buildAssets()
  })

  test('CSS is at most 5 KB', () => assert.ok(gz(assets.css) <= 5 * KB, `${gz(assets.css)}`))
  test('the script is at most 9 KB', () => assert.ok(gz(assets.script) <= 9 * KB, `${gz(assets.script)}`))
  for (const name of ['02-form', '02-form-postcode', '03-form-errors']) {
    test(`the HTML of ${name} is at most 6 KB, all together at most 20`, () => {
      const model = page(name)
      const bare = gz(renderPage({ ...model, assets: { ...model.assets, css: '' } }))
      assert.ok(bare <= 6 * KB, `${bare}`)
      const total = gz(renderPage(model)) + gz(assets.script)
      assert.ok(total <= 20 * KB, `${total}`)
    })
  }

  test('the integrity attribute is the hash of the bytes that are served', () => {
    const digest = createHash('sha384').update(assets.script).digest('base64')
    assert.equal(assets.scriptIntegrity, `sha384-${digest}`)
    assert.match(renderPage(page('02-form')), /integrity="sha384-/)
  })

  test('two builds are the same bytes, so the cached script stays valid', async () => {
    assert.equal((await buildAssets()).scriptName, assets.scriptName)
  })
})
