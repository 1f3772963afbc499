import type { Snapshot } from '../core/event.ts'
import type { IdempotencyRow } from '../core/idempotency.ts'
import type { Uuid } from '../core/ids.ts'
import type { WriteSet } from '../storage/commit.ts'
import type { Call, Context, KeyClaim } from './call.ts'
import { mayTry } from './contend.ts'
import { done, type Refusal, type Result, refuse } from './refusals.ts'

/** What a change did: the snapshot that its answer is rendered from, now and at every repetition of its key. */
export type Answer = {
  readonly snapshot: Snapshot
  readonly replayed: boolean
  /** The event that the change told, or was about. */
  readonly eventId?: Uuid | undefined
  /** Of a replay: the id of the request that was answered first, where an event tells it. */
  readonly originalRequest?: string | null
}

/**
 * A change ready to be committed. `eventId` names the event whose snapshot is the answer; else the answer is stored. What a
 * set cannot say has been done by then: repeated after a crash it is done twice, so it must be harmless.
 */
export type Change = {
  readonly set: WriteSet
  readonly objectId: Uuid
  readonly snapshot: Snapshot
  readonly eventId?: Uuid
}

/**
 * Runs a change at most once per idempotency key; without a call, from the command line, there is none. The key's row rides in the commit of the change, so there is no
 * moment at which one exists without the other; a change that lost a race is decided again on what is stored now.
 * @param decide loads and decides; called again when another writer was first
 */
export async function once(
  context: Context,
  call: Call | undefined,
  decide: () => Promise<Result<Change>>,
): Promise<Result<Answer>> {
  const earlier = await findAnswer(context, call)
  if (earlier) return earlier
  const since = context.env.monotonicMs()
  for (let tries = 0; await mayTry(context.env, since, tries); tries++) {
    const decided = await decide()
    // A twin of this request may have been done meanwhile: what it changed is what refuses us now.
    if (!decided.ok) return (await findAnswer(context, call)) ?? decided
    const change = decided.value
    const key = keyRow(context, call, change)
    const committed = await context.storage.commit(key ? { ...change.set, idempotency: key } : change.set)
    if (committed.ok) return done({ snapshot: change.snapshot, replayed: false, eventId: change.eventId })
    if (committed.conflict === 'key_used') return (await findAnswer(context, call)) ?? refuse('stale')
    if (committed.conflict === 'constraint' && !OVERTAKEN.includes(committed.constraint))
      return refuse(REFUSED_BY[committed.constraint] ?? unexpected(committed))
  }
  return refuse('stale')
}

/** Constraints that say that another was first: what was decided is decided again on what it left. */
const OVERTAKEN: readonly string[] = ['receipt_keys_signing']

/** Constraints that an ordinary request can meet, and what they say. */
const REFUSED_BY: Readonly<Record<string, Refusal['code']>> = {
  prices_lookup_key: 'lookup_key_taken',
  prices_tenant_product_id_fkey: 'resource_missing',
}

function unexpected(conflict: { readonly constraint: string }): never {
  throw new Error(`the constraint ${conflict.constraint} refused a change that was decided to be right`)
}

/** The first answer under this key, or the refusal when the key stood for another request. */
export async function findAnswer(context: Context, call: Call | undefined): Promise<Result<Answer> | undefined> {
  if (!call?.key) return undefined
  const row = await context.storage.findIdempotency(call.caller.tenant, call.caller.door, call.key.key)
  if (!row) return undefined
  const difference = differenceOf(row, call.key)
  if (difference !== undefined) return refuse('idempotency_mismatch', difference || undefined, call.key.key)
  if (row.refusal) return { ok: false, refusal: row.refusal as Refusal }
  const eventId = row.eventId ?? undefined
  const event = eventId && (await context.storage.findEvent(call.caller.tenant, eventId))
  const snapshot = event?.event.snapshot ?? row.answer
  if (snapshot) return done({ snapshot, replayed: true, eventId, originalRequest: event?.event.requestId ?? null })
  return row.leasedUntil && row.leasedUntil > context.env.now()
    ? refuse('idempotency_key_in_use')
    : done({ snapshot: await presentState(context, row), replayed: true })
}

/** What an order without an outcome is about, as it is now: doubt is never frozen into an answer. */
async function presentState({ storage }: Context, { tenant, objectId }: IdempotencyRow): Promise<Snapshot> {
  const dispute = await storage.findDispute(tenant, objectId)
  if (dispute) return { is: 'dispute', v: 1, dispute }
  const refund = await storage.findRefund(tenant, objectId)
  const payment = await storage.findPayment(tenant, refund?.paymentId ?? objectId)
  if (!payment) throw new Error('an idempotency row without an object')
  const chargeId = refund?.chargeId ?? payment.latestChargeId
  const charge = chargeId ? await storage.findCharge(tenant, chargeId) : undefined
  if (refund && charge) return { is: 'refund', v: 1, refund, charge, payment }
  return { is: 'payment', v: 1, payment, charge: charge ?? null }
}

export function keyRow(
  context: Context,
  call: Call | undefined,
  change: Omit<Change, 'set'>,
): IdempotencyRow | undefined {
  if (!call?.key) return undefined
  return {
    tenant: call.caller.tenant,
    door: call.caller.door,
    ...rowOf(call.key),
    objectId: change.objectId,
    eventId: change.eventId ?? null,
    answer: change.eventId === undefined ? change.snapshot : null,
    refusal: null,
    leasedUntil: null,
    createdAt: context.env.now(),
  }
}

/** What of a claim is kept. */
const rowOf = ({ key, request, parameters }: KeyClaim): Pick<IdempotencyRow, 'key' | 'request' | 'parameters'> => ({
  key,
  request,
  parameters,
})

/** How long the first request alone works on an order; a repetition within it is told to come back. */
const LEASE_MS = 60_000

/** The row of a key whose order has yet to leave: it is written with the order, and decided with the order's outcome. */
export function undecidedKey({ env }: Context, call: Call, objectId: Uuid): IdempotencyRow | undefined {
  if (!call.key) return undefined
  const now = env.now()
  return {
    tenant: call.caller.tenant,
    door: call.caller.door,
    ...rowOf(call.key),
    objectId,
    eventId: null,
    answer: null,
    refusal: null,
    leasedUntil: new Date(now.getTime() + LEASE_MS),
    createdAt: now,
  }
}

/** The first parameter that differs, `''` when method or path do, undefined when the requests are the same. */
function differenceOf(row: IdempotencyRow, claim: KeyClaim): string | undefined {
  if (row.request !== claim.request) return ''
  const names = new Set([...Object.keys(row.parameters), ...Object.keys(claim.parameters)])
  const differing = (hashes: Readonly<Record<string, string>>) =>
    [...names].sort().find((name) => row.parameters[name] !== hashes[name])
  const first = differing(claim.parameters)
  return first !== undefined && claim.unkeyed && differing(claim.unkeyed) === undefined ? undefined : first
}
