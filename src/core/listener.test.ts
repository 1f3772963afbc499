import assert from 'node:assert/strict'
import { test } from 'node:test'
import { testEnv } from '../../test/support/env.ts'
import { newUuid, testTenant } from './ids.ts'
import { type LineFilters, parseLineFilters, type RequestLine, showsLine } from './listener.ts'

const env = testEnv()
const LINE: RequestLine = {
  tenant: testTenant(1),
  id: newUuid(env),
  requestId: 'req_1',
  method: 'POST',
  path: '/v1/charges',
  status: 402,
  address: '127.0.0.1',
  error: null,
  createdAt: env.now(),
}

const CASES: readonly (readonly [LineFilters, boolean])[] = [
  [{}, true],
  [{ filter_http_method: ['GET', 'POST'] }, true],
  [{ filter_http_method: ['GET'] }, false],
  [{ filter_http_method: [] }, false],
  [{ filter_ip_address: ['127.0.0.1'] }, true],
  [{ filter_ip_address: ['127.0.0.2'] }, false],
  [{ filter_request_path: ['/v1/charges'] }, true],
  [{ filter_request_path: ['/v1/charge'] }, false],
  [{ filter_request_status: ['FAILED'] }, true],
  [{ filter_request_status: ['SUCCEEDED'] }, false],
  [{ filter_source: ['API'] }, true],
  [{ filter_source: ['DASHBOARD'] }, false],
  [{ filter_status_code: ['402'] }, true],
  [{ filter_status_code: ['400'] }, false],
  [{ filter_status_code_type: ['200', '400'] }, true],
  [{ filter_status_code_type: ['500'] }, false],
  [{ filter_http_method: ['POST'], filter_status_code: ['200'] }, false],
]
for (const [filters, shown] of CASES) {
  test(`a line is ${shown ? 'shown' : 'left out'} by ${JSON.stringify(filters)}`, () => {
    assert.equal(showsLine(filters, LINE), shown)
  })
}

test('filters are lists of texts by name; what is not is no filter', () => {
  assert.deepEqual(parseLineFilters('{"filter_http_method":["GET"],"filter_account":["self"]}'), {
    filter_http_method: ['GET'],
  })
  for (const text of [
    '',
    '[]',
    '1',
    'null',
    '{"filter_source":"API"}',
    '{"filter_source":[1]}',
    '{"filter_source":["\\u0000"]}',
  ])
    assert.equal(parseLineFilters(text), undefined, text)
})
