import { settingsOf } from '../core/account.ts'
import { parseAppearance } from '../core/appearance.ts'
import type { Customer } from '../core/catalog.ts'
import type { Env } from '../core/env.ts'
import { newUuid } from '../core/ids.ts'
import { minimumCharge } from '../core/minimum-charges.ts'
import { MAX_MINOR, sayMoney } from '../core/money.ts'
import { containsPan } from '../core/pan-in-text.ts'
import type { Door, LineItem, PaymentTemplate, Session, SessionDocument } from '../core/session.ts'
import { assertSessionLimits } from '../core/session-limits.ts'
import type { AccountSettings } from '../core/settings.ts'
import { type Call, type Context, tell } from './call.ts'
import { freezeLines } from './freeze-lines.ts'
import { type Answer, findAnswer, keyRow } from './once.ts'
import { done, type Result, refuse } from './refusals.ts'
import { returnUrlRefused } from './return-rules.ts'
import type { NewSessionInput } from './session-input.ts'

const MINUTE_MS = 60_000
const DAY_MS = 24 * 60 * MINUTE_MS
const MIN_LIFE_MS = MINUTE_MS
const MAX_LIFE_MS = 30 * DAY_MS

/**
 * What a front door decides about its sessions' manners, where the request does not. A day is Stripe's default, and beyond
 * WCAG 2.2.1's twenty hours, so that no shopper has to be warned that time runs out.
 */
const MANNERS: {
  readonly [door in Door]: Pick<Session, 'maxTries' | 'cancelEnds'> &
    Pick<SessionDocument, 'troubleEnds'> & { readonly lifeMs: number }
} = {
  native: { maxTries: 5, cancelEnds: false, lifeMs: DAY_MS },
  opencheckout: { maxTries: 5, cancelEnds: false, lifeMs: DAY_MS },
  ozura: { maxTries: 5, cancelEnds: true, troubleEnds: true, lifeMs: 15 * MINUTE_MS },
  bpc: { maxTries: 1, cancelEnds: false, lifeMs: 20 * MINUTE_MS },
  hsrc: { maxTries: 5, cancelEnds: true, lifeMs: 30 * MINUTE_MS },
  // Its links know no end; ours have one, as late as can be.
  secpaid: { maxTries: 5, cancelEnds: true, lifeMs: MAX_LIFE_MS },
}

/**
 * Makes a session: the row, its event and its idempotency row in one commit, shared with whatever arrives meanwhile.
 * The key is not looked up first: the commit itself tells who lost it, and only losers read what it stands for.
 */
export async function createSession(context: Context, call: Call, input: NewSessionInput): Promise<Result<Answer>> {
  const decided = await decide(context, call, input)
  if (!decided.ok) return (await findAnswer(context, call)) ?? decided
  const session = decided.value
  const snapshot = { is: 'session', v: 1, session, payment: null, captured: 0n } as const
  const place = { root: session.id, rootVersion: 1, ordinal: 1 }
  const event = tell(context.env, session.tenant, 'checkout.session.created', place, snapshot, { call })
  const key = keyRow(context, call, { objectId: session.id, snapshot, eventId: event.id })
  const written = await context.storage.createSession({ session, event, idempotency: key ?? null })
  if (written) return done({ snapshot, replayed: false })
  return (await findAnswer(context, call)) ?? refuse('stale')
}

async function decide(context: Context, { caller }: Call, input: NewSessionInput): Promise<Result<Session>> {
  const { env, storage } = context
  const { tenant, door } = caller
  assertSessionLimits(input)
  const account = await storage.findAccount(tenant)
  if (!account) throw new Error('a key without an account')
  const lines = await freezeLines(context, tenant, input)
  if (!lines.ok) return lines
  const customer = input.customerId ? await storage.findCustomer(tenant, input.customerId) : undefined
  if (input.customerId && !customer) return refuse('resource_missing', 'customer')
  if (customer?.deleted) return refuse('customer_deleted', 'customer')

  const now = env.now()
  const { lifeMs, maxTries, cancelEnds, troubleEnds } = MANNERS[door]
  const expiresAt = input.expiresAt ?? new Date(now.getTime() + lifeMs)
  const life = expiresAt.getTime() - now.getTime()
  // A second of grace each way: the shop counts in whole seconds, and its clock is not ours.
  if (life < MIN_LIFE_MS - 1000 || life > MAX_LIFE_MS + 1000) return refuse('expiry_out_of_range', 'expires_at')

  const total = lines.value.items.reduce((sum, line) => sum + line.unitAmount * BigInt(line.quantity), 0n)
  if (total > MAX_MINOR) return refuse('amount_too_large', 'line_items')
  const { currency } = lines.value
  const least = minimumCharge(currency)
  if (total < least) {
    return refuse('amount_too_small', 'line_items', `the total must be at least ${sayMoney(least, currency)}`)
  }
  const settings = settingsOf(account, tenant)
  const document = documentOf(input, lines.value.items, settings, customer)
  const wrong =
    returnUrlRefused(tenant, settings, 'success_url', document.successUrl) ??
    returnUrlRefused(tenant, settings, 'cancel_url', document.cancelUrl) ??
    returnUrlRefused(tenant, settings, 'failure_url', document.failureUrl)
  if (wrong) return wrong
  return done({
    tenant,
    id: newUuid(env),
    version: 1,
    door,
    state: 'open',
    closedBy: null,
    currency: lines.value.currency,
    amountSubtotal: total,
    amountTotal: total,
    customerId: input.customerId ?? null,
    paymentId: newUuid(env),
    secret: env.randomBytes(16),
    tries: 0,
    maxTries: input.maxTries ?? maxTries,
    cancelEnds: cancelEnds && input.cancelable !== false,
    linkNumber: wantsLinkNumber(door, settings) ? newLinkNumber(env) : null,
    createdAt: now,
    expiresAt,
    completedAt: null,
    document: troubleEnds ? { ...document, troubleEnds } : document,
  })
}

/** A number costs an entry in a second index, so it is given only where somebody may ask for it. */
function wantsLinkNumber(door: Door, settings: AccountSettings): boolean {
  return door === 'secpaid' || settings.doors?.includes('secpaid') === true
}

/**
 * 53 random bits, never zero: every client's numbers hold it exactly, and nobody walks from one to the next. It goes into
 * URLs and logs, so it is none that could be read as a card's.
 */
function newLinkNumber(env: Env): bigint {
  for (;;) {
    const random = Buffer.from(env.randomBytes(8)).readBigUInt64BE() & (2n ** 53n - 1n)
    if (random !== 0n && !containsPan(random.toString())) return random
  }
}

/** The request's own fields, with the account's saved URLs and what is known of the customer where it says nothing. */
function documentOf(
  input: NewSessionInput,
  lineItems: readonly LineItem[],
  settings: AccountSettings,
  customer: Customer | undefined,
): SessionDocument {
  const { lineItems: _, currency: __, customerId: ___, expiresAt: ____, maxTries: _____, ...rest } = input
  const successUrl = rest.successUrl ?? settings.defaultSuccessUrl
  const cancelUrl = rest.cancelUrl ?? settings.defaultCancelUrl
  return {
    ...rest,
    lineItems,
    ...(successUrl === undefined ? {} : { successUrl }),
    ...(cancelUrl === undefined ? {} : { cancelUrl }),
    ...(rest.appearance ? { appearance: parseAppearance(rest.appearance) } : {}),
    ...templateOf(rest.paymentTemplate, settings.statementDescriptor),
    ...(customer?.email ? { collected: { email: customer.email } } : {}),
  }
}

/** What the shopper's statement will show is the account's choice where the shop makes none for this payment. */
function templateOf(
  template: PaymentTemplate | undefined,
  statementDescriptor: string | undefined,
): Pick<SessionDocument, 'paymentTemplate'> {
  if (statementDescriptor === undefined) return {}
  return { paymentTemplate: { statementDescriptor, ...template } }
}
