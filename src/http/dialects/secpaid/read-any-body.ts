import type { FastifyRequest } from 'fastify'
import { parseForm } from '../../../core/form.ts'
import { parseJson } from '../../../core/json.ts'
import type { Api } from '../../api/api.ts'
import type { Unread } from '../../unread.ts'
import { SECPAID } from './manner.ts'

/**
 * A shop's plugin may post a form under no content type, or under one that is none of ours. What begins with a brace is
 * JSON; no form of this system does.
 */
export function readAnyBody(api: Api): void {
  api.addContentTypeParser('*', { parseAs: 'buffer' }, async (_request: FastifyRequest, body: Buffer) => {
    const isJson = /^\s*\{/.test(body.subarray(0, 100).toString('latin1'))
    return isJson
      ? ({ from: 'json', parsed: parseJson(body, SECPAID.json) } satisfies Unread)
      : ({ from: 'form', parsed: parseForm(body) } satisfies Unread)
  })
}
