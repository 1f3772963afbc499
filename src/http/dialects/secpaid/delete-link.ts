import type { FastifyRequest } from 'fastify'
import { expireSession } from '../../../flows/close-session.ts'
import { callerOf } from '../../api/api.ts'
import { callThrough, type DoorDeps } from '../door.ts'
import { parseLinkNumber } from './ids.ts'
import { answer, refusal } from './manner.ts'

/** Takes an unused link back. Its page is gone, and nobody is told. */
export async function deleteLink(deps: DoorDeps, request: FastifyRequest, linkId: string) {
  const number = parseLinkNumber(linkId)
  const view = number === undefined ? undefined : await deps.storage.findLink(callerOf(request).tenant, number)
  if (!view) return refusal('Invalid link ID')
  const closed = await expireSession(deps, callThrough(request), view.session.id)
  if (closed.ok) return answer('Link has been deleted successfully')
  const { code, detail } = closed.refusal
  if (code !== 'session_not_open') return refusal(`The link could not be deleted (${code}). Try again.`)
  return refusal(WHY_NOT[detail ?? ''] ?? 'This link is already used')
}

const WHY_NOT: Readonly<Record<string, string>> = {
  processing: 'This link is being paid',
  expired: 'This link is already deleted',
  canceled: 'This link is already cancelled',
  failed: 'This link is already cancelled',
}
