import type { Caller } from '../core/account.ts'
import type { Env } from '../core/env.ts'
import type { EventFact, EventType, Snapshot } from '../core/event.ts'
import { newUuid, type Tenant, type Uuid } from '../core/ids.ts'
import type { Storage } from '../storage/storage.ts'

/** What every flow needs of the world. */
export type Context = {
  readonly env: Env
  readonly storage: Storage
}

/** The request behind a change: who asks, under which id, and the idempotency key it came with. */
export type Call = {
  readonly caller: Caller
  readonly requestId: string
  readonly key: KeyClaim | null
}

export type KeyClaim = {
  readonly key: string
  /** Method and path of the request. */
  readonly request: string
  /** A short hash of every top-level parameter, after tokenization. */
  readonly parameters: Readonly<Record<string, string>>
  /** The same without a key, as rows of earlier releases have it for their 30 days: compared, and never written. */
  readonly unkeyed?: Readonly<Record<string, string>>
}

/** An event about to be committed. Its place among the root's events is (version, ordinal). */
export function tell(
  env: Env,
  tenant: Tenant,
  type: EventType,
  place: { readonly root: Uuid; readonly rootVersion: number; readonly ordinal: number },
  snapshot: Snapshot,
  extra: {
    readonly call?: Call | undefined
    readonly previous?: Readonly<Record<string, unknown>> | undefined
  } = {},
): EventFact {
  const fact: EventFact = {
    tenant,
    id: newUuid(env),
    type,
    ...place,
    snapshot,
    requestId: extra.call?.requestId ?? null,
    idempotencyKey: extra.call?.key?.key ?? null,
    createdAt: env.now(),
  }
  return extra.previous === undefined ? fact : { ...fact, previous: extra.previous }
}
