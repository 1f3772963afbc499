import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html } from './html.ts'

test('values are escaped, markup of the tag passes, lists are joined, nothing is left of false and undefined', () => {
  const inner = html`<b>${'<&>"\''}</b>`
  assert.equal(
    String(html`<p title="${'"onclick='}">${[inner, 1, false, undefined]}</p>`),
    '<p title="&quot;onclick="><b>&lt;&amp;&gt;&quot;&#39;</b>1</p>',
  )
})
