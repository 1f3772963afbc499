import type { FastifyReply } from 'fastify'
import { renderSVG } from 'uqr'
import type { DoorDeps } from '../door.ts'
import { findPayLink, payLink } from './ids.ts'
import { refusal } from './manner.ts'

/**
 * The pay link as an image, for whoever has the pay link: drawn here, so that nobody else learns of it. It holds nothing
 * but squares, and the policy lets it do nothing.
 */
export async function sendQrImage(deps: DoorDeps, query: object, reply: FastifyReply): Promise<FastifyReply> {
  const { link_id, key } = query as { readonly link_id?: string; readonly key?: string }
  const found = await findPayLink(deps.storage, { link_id, key })
  if (!found) return reply.code(404).send(refusal('Link not found'))
  return reply
    .type('image/svg+xml')
    .headers({
      'cache-control': 'private, max-age=300',
      'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; sandbox",
      'x-content-type-options': 'nosniff',
    })
    .serializer(String)
    .send(renderSVG(payLink(deps.publicUrl(), found.session), { ecc: 'M', border: 4 }))
}
