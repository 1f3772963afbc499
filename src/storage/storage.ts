import * as accounts from './accounts.ts'
import * as attempts from './attempts.ts'
import * as catalog from './catalog.ts'
import { type Committed, commitSet, isDataError, type WriteSet } from './commit.ts'
import type { Sql } from './connect.ts'
import { insertSessions, type NewSession } from './create-sessions.ts'
import * as deliveries from './deliveries.ts'
import * as deliveryHealth from './delivery-health.ts'
import * as deliveryTries from './delivery-tries.ts'
import * as disputes from './disputes.ts'
import * as events from './events.ts'
import { GroupCommit } from './group-commit.ts'
import * as idempotency from './idempotency.ts'
import * as links from './links.ts'
import * as listeners from './listeners.ts'
import * as methods from './methods.ts'
import * as movements from './movements.ts'
import * as notices from './notices.ts'
import * as numberedEvents from './numbered-events.ts'
import * as payments from './payments.ts'
import * as receiptKeys from './receipt-keys.ts'
import * as refunds from './refunds.ts'
import * as releases from './release-backlog.ts'
import * as requestLines from './request-lines.ts'
import * as resending from './resend.ts'
import * as retention from './retention.ts'
import * as search from './search.ts'
import * as sequencer from './sequencer.ts'
import * as sessions from './sessions.ts'
import * as settling from './settle-delivery.ts'
import * as untried from './untried.ts'

/** Drops the database handle from a command's parameters. */
type Bound<F> = F extends (sql: Sql, ...rest: infer Rest) => infer Result ? (...rest: Rest) => Result : never
type BoundAll<M> = { readonly [name in keyof M]: Bound<M[name]> }

const COMMANDS = {
  ...accounts,
  ...sessions,
  ...links,
  ...payments,
  ...attempts,
  ...refunds,
  ...disputes,
  ...receiptKeys,
  ...movements,
  ...methods,
  ...search,
  ...catalog,
  ...events,
  ...numberedEvents,
  ...sequencer,
  ...deliveries,
  ...settling,
  ...deliveryHealth,
  ...deliveryTries,
  ...untried,
  ...resending,
  wakeEndpoint: releases.wakeEndpoint,
  ...retention,
  ...idempotency,
  ...notices,
  ...listeners,
  ...requestLines,
}

/** The closed list of what may be asked of the database. Nothing else in the program holds a handle on it. */
export type Storage = BoundAll<typeof COMMANDS> & {
  /** Commits one decision, whole or not at all. */
  commit(set: WriteSet): Promise<Committed>
  /** Commits a new session together with others that arrive at the same time. False: its idempotency key is taken. */
  createSession(unit: NewSession): Promise<boolean>
}

export function openStorage(sql: Sql): Storage {
  const group = new GroupCommit<NewSession, boolean>((units) => insertSessions(sql, units), isDataError, {
    maxBatch: 256,
    maxQueue: 4096,
  })
  const bound: Record<string, unknown> = {}
  for (const [name, command] of Object.entries(COMMANDS)) {
    bound[name] = (...rest: unknown[]) => (command as (...all: unknown[]) => unknown)(sql, ...rest)
  }
  return {
    ...(bound as BoundAll<typeof COMMANDS>),
    commit: (set) => commitSet(sql, set),
    createSession: (unit) => group.add(unit),
  }
}
