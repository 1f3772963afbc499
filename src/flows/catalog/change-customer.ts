import type { Customer } from '../../core/catalog.ts'
import { newUuid, type Uuid } from '../../core/ids.ts'
import { changeMetadata, type MetadataChange } from '../../core/metadata.ts'
import { replacedFields } from '../../core/replaced-fields.ts'
import { type Call, type Context, tell } from '../call.ts'
import { type Answer, once } from '../once.ts'
import { done, type Result, refuse } from '../refusals.ts'
import { changeDocument } from './differences.ts'
import { firstOf } from './new-rows.ts'

type Document = Customer['document']

/** Null unsets a field; a field that is left out stays. */
export type CustomerChanges = {
  readonly email?: string | null
  readonly name?: string | null
  readonly metadata?: MetadataChange
  readonly document: { readonly [K in keyof Omit<Document, 'metadata'>]?: Document[K] | null }
}

export function createCustomer(context: Context, call: Call, changes: CustomerChanges): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { env } = context
    const { tenant } = call.caller
    const customer = changed(
      {
        tenant,
        id: newUuid(env),
        version: 1,
        email: null,
        name: null,
        deleted: false,
        createdAt: env.now(),
        document: {},
      },
      changes,
    )
    const snapshot = { is: 'customer', v: 1, customer } as const
    const told = tell(env, tenant, 'customer.created', firstOf(customer), snapshot, { call })
    return done({
      set: { customers: [customer], events: [told] },
      objectId: customer.id,
      snapshot,
      eventId: told.id,
    })
  })
}

export function updateCustomer(
  context: Context,
  call: Call,
  id: Uuid,
  changes: CustomerChanges,
): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { tenant } = call.caller
    const before = await context.storage.findCustomer(tenant, id)
    if (!before || before.deleted) return refuse('resource_missing')
    const after = changed(before, changes)
    const previous = replacedFields(before, after, ['email', 'name', 'document'])
    if (!previous) return done({ set: {}, objectId: id, snapshot: { is: 'customer', v: 1, customer: before } })
    const customer: Customer = { ...after, version: before.version + 1 }
    const snapshot = { is: 'customer', v: 1, customer } as const
    const told = tell(context.env, tenant, 'customer.updated', firstOf(customer), snapshot, { call, previous })
    return done({ set: { customers: [customer], events: [told] }, objectId: id, snapshot, eventId: told.id })
  })
}

/** The name stays, for what was bought points to it; what is known of the person goes. The event tells it once more. */
export function deleteCustomer(context: Context, call: Call, id: Uuid): Promise<Result<Answer>> {
  return once(context, call, async () => {
    const { tenant } = call.caller
    const before = await context.storage.findCustomer(tenant, id)
    if (!before || before.deleted) return refuse('resource_missing')
    const version = before.version + 1
    const customer: Customer = { ...before, version, deleted: true, email: null, name: null, document: {} }
    const snapshot = { is: 'customer', v: 1, customer: { ...before, version } } as const
    const told = tell(context.env, tenant, 'customer.deleted', firstOf(customer), snapshot, { call })
    return done({ set: { customers: [customer], events: [told] }, objectId: id, snapshot, eventId: told.id })
  })
}

function changed(before: Customer, { email, name, metadata, document }: CustomerChanges): Customer {
  const merged = changeDocument(before.document, document)
  return {
    ...before,
    email: email === undefined ? before.email : email,
    name: name === undefined ? before.name : name,
    document:
      metadata === undefined ? merged : { ...merged, metadata: changeMetadata(before.document.metadata, metadata) },
  }
}
