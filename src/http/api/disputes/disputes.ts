import type { Static } from '@fastify/type-provider-typebox'
import { EVIDENCE_TEXTS, type EvidenceText } from '../../../core/dispute.ts'
import { closeDispute, updateDispute } from '../../../flows/change-dispute.ts'
import {
  boolean,
  created,
  expand,
  later,
  lines,
  metadata,
  name,
  object,
  optional,
  page,
  unsettable,
} from '../../parameters/fields.ts'
import { answerChange } from '../answer.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, ownId, ownIdIfNamed } from '../api.ts'
import { expandAll } from '../expand.ts'
import { answerPage, pageOf } from '../list.ts'
import { Named, Retrieve } from '../named.ts'
import { renderDispute } from '../render/render-dispute.ts'
import { given } from '../sessions/parse-session.ts'
import { DisputeShape, EVIDENCE_FILES } from '../shapes/dispute.ts'
import { listOf } from '../shapes/words.ts'

const ListDisputes = object({
  ...page,
  charge: optional(name()),
  created: created(),
  payment_intent: optional(name()),
})
/** Stripe takes more of one, but fewer of all together. */
const LONGEST_TEXT = 10_000
const LARGEST_BODY = 256 * 1024

const texts = Object.fromEntries(EVIDENCE_TEXTS.map((name) => [name, unsettable(lines(LONGEST_TEXT))])) as {
  [name in EvidenceText]: ReturnType<typeof unsettable<ReturnType<typeof lines>>>
}
const files = Object.fromEntries(EVIDENCE_FILES.map((name) => [name, later()])) as {
  [name in (typeof EVIDENCE_FILES)[number]]: ReturnType<typeof later>
}
const UpdateDispute = object({
  evidence: optional(object({ ...texts, ...files, enhanced_evidence: later() })),
  expand: expand(),
  intended_submission_method: later(),
  metadata: unsettable(metadata()),
  submit: optional(boolean()),
})
type Wire = Static<typeof DisputeShape>

export function registerDisputes(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const response = { 200: DisputeShape }
  const one = '/disputes/:id'

  api.get(one, { schema: { params: Named, querystring: Retrieve, response } }, async (request) => {
    const { tenant } = callerOf(request)
    const record = await storage.findDispute(tenant, ownId(callerOf(request), 'dispute', request.params.id))
    const dispute = renderDispute(found(record, 'dispute', request.params.id))
    await expandAll(deps, tenant, 'dispute', [dispute], request.query.expand)
    return dispute
  })

  const update = { schema: { params: Named, body: UpdateDispute, response }, bodyLimit: LARGEST_BODY }
  api.post(one, update, async (request, reply) => {
    const id = ownId(callerOf(request), 'dispute', request.params.id)
    const { metadata: notes, evidence, submit } = request.body
    // Notes alone never submit what was gathered: Stripe's `submit` is true unless given, but about evidence.
    const change = { ...given({ metadata: notes, evidence }), submit: submit ?? evidence !== undefined }
    const result = await updateDispute(deps, callOf(request, 'dispute'), id, change)
    return answerChange<Wire>(deps, request, reply, 'dispute', result)
  })

  const close = { schema: { params: Named, body: object({ expand: expand() }), response } }
  api.post(`${one}/close`, close, async (request, reply) => {
    const id = ownId(callerOf(request), 'dispute', request.params.id)
    return answerChange<Wire>(deps, request, reply, 'dispute', await closeDispute(deps, callOf(request, 'dispute'), id))
  })

  const many = { schema: { querystring: ListDisputes, response: { 200: listOf(DisputeShape) } } }
  api.get('/disputes', many, async (request) => {
    const caller = callerOf(request)
    const { query } = request
    const asked = await pageOf(request, query, 'dispute', (id) => storage.findDispute(caller.tenant, id))
    const filter = given({
      chargeId: ownIdIfNamed(caller, 'charge', query.charge, 'charge'),
      paymentId: ownIdIfNamed(caller, 'payment', query.payment_intent, 'payment_intent'),
    })
    const items = await storage.listDisputes(caller.tenant, asked, filter)
    return answerPage(deps, request, 'dispute', items, (disputes) => disputes.map(renderDispute))
  })
}
