import { randomBytes } from 'node:crypto'
import type { Env } from '../../src/core/env.ts'
import type { EventFact, WebhookEndpoint } from '../../src/core/event.ts'
import { newUuid, type Tenant, testTenant, type Uuid } from '../../src/core/ids.ts'
import type { Storage } from '../../src/storage/storage.ts'

let accounts = 0

/** A new account in the database; its test tenant. */
export async function newTenant(env: Env, storage: Storage): Promise<Tenant> {
  const tenant = testTenant(++accounts)
  const account = { id: newUuid(env), version: 1, name: 'Shop', createdAt: env.now(), settings: { live: {}, test: {} } }
  const written = await storage.insertAccount({ ...account, tenant: (tenant - 1) as Tenant }, [])
  if (!written.ok) throw new Error(written.conflict)
  return tenant
}

/** A fact about a customer, at a place among its root's. */
export function factOf(
  env: Env,
  tenant: Tenant,
  place: { readonly root: Uuid; readonly rootVersion: number; readonly ordinal: number },
  more: Partial<EventFact> = {},
): EventFact {
  const customer = {
    tenant,
    id: place.root,
    version: place.rootVersion,
    email: `${randomBytes(4).toString('hex')}@shop.example`,
    name: 'Ada',
    deleted: false,
    createdAt: env.now(),
    document: {},
  }
  return {
    tenant,
    id: newUuid(env),
    type: 'customer.updated',
    ...place,
    snapshot: { is: 'customer', v: 1, customer },
    requestId: null,
    idempotencyKey: null,
    createdAt: env.now(),
    ...more,
  }
}

/** An enabled endpoint that wants everything, unless told otherwise. */
export function endpointOf(env: Env, tenant: Tenant, more: Partial<WebhookEndpoint> = {}): WebhookEndpoint {
  return {
    tenant,
    id: newUuid(env),
    version: 1,
    url: 'https://shop.example/hooks',
    status: 'enabled',
    door: 'native',
    apiVersion: null,
    enabledEvents: ['*'],
    sealedSecret: new Uint8Array(60),
    sealedPrevious: null,
    previousUntil: null,
    disabledReason: null,
    disabledAt: null,
    deleted: false,
    createdAt: env.now(),
    document: {},
    ...more,
  }
}
