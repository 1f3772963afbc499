import assert from 'node:assert/strict'
import { test } from 'node:test'
import { cutRegion, highlight, STEPS } from './source-steps.ts'

test('a region is cut out of the source and moved to the left', () => {
  assert.equal(
    cutRegion('a\n  // #region x\n  if (b) {\n\n    c()\n  }\n  // #endregion\nd\n', 'x'),
    'if (b) {\n\n  c()\n}',
  )
  assert.throws(() => cutRegion('a\n', 'x'), /no region x/)
})

test('code is colored and cannot break out of its box', () => {
  assert.equal(
    String(highlight("return '<b>' // <i>")),
    '<span class="code-word">return</span> <span class="code-text">&#39;&lt;b&gt;&#39;</span> <span class="code-comment">// &lt;i&gt;</span>',
  )
})

test('the steps show the calls that they are named for', () => {
  assert.match(String(STEPS.create.code), /checkout\.sessions\.create\(/)
  assert.match(String(STEPS.create.code), /idempotencyKey/)
  assert.match(String(STEPS.webhook.code), /webhooks\.constructEvent\(/)
  assert.match(String(STEPS.read.code), /checkout\.sessions\.retrieve\(/)
  assert.match(String(STEPS.decide.code), /nextState\(state/)
})
