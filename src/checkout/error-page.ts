import type { FastifyInstance } from 'fastify'
import { ERROR_PAGE_PATH, MOST_ERROR_TEXT, readErrorFacts } from '../core/error-page.ts'
import { textFault } from '../core/text.ts'
import { type Desk, sendNeutral } from './desk.ts'
import { ERROR_CODES } from './screens/trouble.ts'

/** The page for errors that belong to no session. What the address says without our proof is not repeated, and leads nowhere. */
export function registerErrorPage(app: FastifyInstance, desk: Desk, key: Uint8Array): void {
  app.get(ERROR_PAGE_PATH, (request, reply) => {
    const facts = readErrorFacts(key, request.query as Readonly<Record<string, unknown>>)
    const { error = '', cancelUrl } = facts
    const code = ERROR_CODES.find((known) => known === facts.errorCode)
    const isText = error !== '' && textFault(error, { max: MOST_ERROR_TEXT }) === undefined
    const screen = {
      kind: 'error',
      ...(code === undefined ? {} : { code }),
      ...(isText ? { text: error } : {}),
      ...(cancelUrl === undefined ? {} : { returnUrl: cancelUrl }),
    } as const
    return sendNeutral(desk, request, reply, screen, 200)
  })
}
