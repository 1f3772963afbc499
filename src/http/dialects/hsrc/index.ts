import type { FastifyInstance, FastifyRequest } from 'fastify'
import { accountTenant, parseName } from '../../../core/ids.ts'
import type { Api } from '../../api/api.ts'
import { Refused } from '../../errors.ts'
import { SHARED_ROOTS } from '../../hand-over.ts'
import type { Unread } from '../../unread.ts'
import { type DoorDeps, openDoor } from '../door.ts'
import { readNames } from './aliases.ts'
import { registerCallback } from './callback.ts'
import { registerCharges } from './charges.ts'
import { registerCustomers } from './customers.ts'
import { HSRC } from './manner.ts'
import { registerPayments } from './payments.ts'
import { registerPlans } from './plans.ts'
import { registerRefunds } from './refunds.ts'
import { registerSessions } from './sessions.ts'
import { registerTokenCalls } from './token-calls.ts'
import { registerWebhooks } from './webhooks.ts'

/** The door for clients of HSRC Pay: paths of its own beside the native ones, and its side of those that both have. */
export function openHsrc(app: FastifyInstance, deps: DoorDeps): void {
  openDoor(app, deps, '/v1', HSRC, (api) => {
    prepare(api)
    registerTokenCalls(api, deps)
    registerSessions(api, deps)
    registerPayments(api, deps)
    registerPlans(api, deps)
    registerWebhooks(api, deps)
    registerCallback(api, deps)
  })
  openDoor(app, deps, `${SHARED_ROOTS.hsrc}/v1`, HSRC, (api) => {
    prepare(api)
    registerCharges(api, deps)
    registerRefunds(api, deps)
    registerCustomers(api, deps)
  })
}

function prepare(api: Api): void {
  api.addHook('preValidation', async (request) => {
    checkAccount(request)
    await readNames(request)
  })
}

/** Many calls may name the account: it is the key's own, or nobody's. */
function checkAccount({ query, caller }: FastifyRequest): void {
  const { parsed } = query as Unread
  const named = parsed.ok ? (parsed.value as { readonly account_id?: unknown }).account_id : undefined
  if (named === undefined || named === '' || !caller) return
  const account = typeof named === 'string' ? parseName('account', named) : undefined
  if (account?.tenant !== accountTenant(caller.tenant)) throw new Refused({ code: 'account_invalid' })
}
