import { sandboxConnector } from '../../src/connectors/sandbox/sandbox.ts'
import type { Env } from '../../src/core/env.ts'
import type { Tenant, Uuid } from '../../src/core/ids.ts'
import type { Session } from '../../src/core/session.ts'
import type { Attempt } from '../../src/core/settlement.ts'
import { makeEnv } from '../../src/env.ts'
import { createEgress } from '../../src/events/egress.ts'
import type { ConfirmInput } from '../../src/flows/confirm.ts'
import { type Payments, pay } from '../../src/flows/pay.ts'
import { openVault } from '../../src/vault/vault.ts'
import type { TestBank } from './sandbox-bank.ts'
import { assertNoTransaction, type TestTill } from './till.ts'
import { LIMIT_MS } from './until.ts'

/** What the page hands over when a shopper presses Pay with this card. */
export async function confirmInput(till: TestTill, session: Session, number: string): Promise<ConfirmInput> {
  const form = `cardNumber=${number}&cardExpiry=12%2F34&cardCvc=123`
  const taken = till.vault.take(new TextEncoder().encode(form))
  if (!taken.ok) throw new Error(taken.because)
  const tokenized = await till.vault.tokenize(session.tenant, session.id, taken.card)
  if (!tokenized.ok) throw new Error(JSON.stringify(tokenized.errors))
  return {
    tenant: session.tenant,
    sessionId: session.id,
    attempt: session.tries,
    token: tokenized.token,
    collected: { email: 'jenny@example.com' },
  }
}

/** Pays and waits for what the provider's answer made of it. */
export async function payAndWait(payments: Payments, input: ConfirmInput): Promise<Attempt> {
  const paying = await pay(payments, input)
  if (paying.is !== 'begun') throw new Error(paying.is)
  return paying.outcome
}

/** The same till with a bank at another address, and told when the test's bank has decided to be silent. */
export function atBank(till: TestTill, url = till.bank.url): TestTill {
  const policy = { publicHosts: false, loopback: false, allowHosts: [new URL(url).host] }
  const http = createEgress({ env: tiredOfSilence(till.bank), policy, assertNoTransaction })
  const vault = openVault({
    env: till.env,
    sql: till.db.sql,
    ring: { wrapping: new Map([[1, till.env.randomBytes(32)]]), fingerprint: till.env.randomBytes(32) },
    http,
    allowedOrigins: [url],
    testNumbers: new Set(),
  })
  const payments = {
    ...till.payments,
    connectors: [sandboxConnector(url, { authorizeMs: LIMIT_MS, orderMs: LIMIT_MS, queryMs: LIMIT_MS })],
    outside: { http, sendCard: vault.send },
    forgetCard: vault.forget,
  }
  return { ...till, vault, payments }
}

/** Deadlines run out once the bank has met a request with silence: a short time would end a slow answer as well. */
function tiredOfSilence(bank: TestBank): Env {
  const env = makeEnv()
  const silences = () => bank.logged.filter((line) => line.includes('"fault":"silence"')).length
  return {
    ...env,
    async sleep(ms, signal) {
      const before = silences()
      const until = env.monotonicMs() + ms
      while (silences() === before && env.monotonicMs() < until) await env.sleep(5, signal)
    },
  }
}

export async function viewOf(till: TestTill, { tenant, id }: { readonly tenant: Tenant; readonly id: Uuid }) {
  const view = await till.storage.findSessionView(tenant, id)
  if (!view) throw new Error('no such session')
  return view
}

/** What the bank itself has booked for this account: its own database, not ours. */
export async function bankBooks(
  till: TestTill,
): Promise<readonly { reference: string; status: string; amount: number }[]> {
  return till.bank.db.sql<{ reference: string; status: string; amount: number }[]>`
    select reference, status, amount::int4 as amount from authorizations
    where merchant = ${`t${till.caller.tenant}`} order by created_at, id`
}

export async function eventsOf(till: TestTill, session: Session): Promise<readonly string[]> {
  const rows = await till.db.sql<{ type: string }[]>`
    select type from events where root in (${session.id}, ${session.paymentId})
    order by created_at, root_version, ordinal`
  return rows.map(({ type }) => type)
}
