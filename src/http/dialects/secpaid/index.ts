import type { FastifyInstance } from 'fastify'
import { createSession } from '../../../flows/create-session.ts'
import { callerOf } from '../../api/api.ts'
import { Pace } from '../../pace.ts'
import { openObject } from '../../parameters/fields.ts'
import { callThrough, type DoorDeps, granted, openDoor } from '../door.ts'
import { deleteLink } from './delete-link.ts'
import { isLink } from './ids.ts'
import { emptyPage, listLinks } from './lists.ts'
import { answer, refusal, SECPAID } from './manner.ts'
import { CreateLink, DeleteLink, ListLinks, ListNothing, ListPayIns, QrImage, RefundPayment } from './parameters.ts'
import { parseNewLink } from './parse-link.ts'
import { listPayIns } from './pay-ins.ts'
import { sendQrImage } from './qr-image.ts'
import { readAnyBody } from './read-any-body.ts'
import { refundPayment } from './refund-payment.ts'
import { renderNewLink } from './render-link.ts'

/** What the system allows each key. */
const PER_MINUTE = 60
/** In the system's own spelling. */
const LISTED = 'List retrived successfully'

/** SecPaid's API for shops, version 2: everything is posted, and every answer has one envelope. */
export function registerSecPaid(app: FastifyInstance, deps: DoorDeps): void {
  const pace = new Pace(deps.env, PER_MINUTE)
  openDoor(app, deps, '/api/v2', SECPAID, (api) => {
    readAnyBody(api)
    api.addHook('onRequest', async ({ caller }) => {
      if (caller) pace.spend(caller.keyId)
    })

    api.post('/createLink', { schema: { body: CreateLink } }, async (request) => {
      const input = await parseNewLink(deps, callerOf(request).tenant, request.body)
      const { snapshot } = granted(await createSession(deps, callThrough(request), input))
      if (snapshot.is !== 'session' || !isLink(snapshot.session)) throw new Error('a link without a number')
      return answer('Link has been created successfully', renderNewLink(snapshot.session, deps.publicUrl()))
    })

    api.post('/deleteLink', { schema: { body: DeleteLink } }, (request) =>
      deleteLink(deps, request, request.body.link_id),
    )

    for (const [path, used] of [
      ['/getMyUnusedLinks', false],
      ['/getMyUsedLinks', true],
    ] as const) {
      api.post(path, { schema: { body: ListLinks } }, async (request) =>
        answer(LISTED, await listLinks(deps, callerOf(request).tenant, used, request.body)),
      )
    }

    api.post('/getPayInTransactions', { schema: { body: ListPayIns } }, async (request) =>
      answer(LISTED, await listPayIns(deps, callerOf(request).tenant, request.body)),
    )

    api.post('/refundPayment', { schema: { body: RefundPayment } }, (request) =>
      refundPayment(deps, request, request.body),
    )

    api.post('/getPayOutTransactions', { schema: { body: ListNothing } }, async (request) =>
      answer(LISTED, emptyPage(request.body)),
    )

    api.post('/getTaxInvoiceList', { schema: { body: ListNothing } }, async (request) =>
      answer(LISTED, emptyPage(request.body), { totalRecords: 0 }),
    )

    const anybody = { config: { keyless: true as const }, schema: { querystring: QrImage } }
    api.get('/qr', anybody, (request, reply) => sendQrImage(deps, request.query, reply))

    api.post('/createSplitLink', { schema: { body: openObject({}) } }, async () =>
      refusal('createSplitLink is not available yet: recipients cannot share a payment. Use createLink.'),
    )
  })
}
