import type { Connector } from '../../src/connectors/contract.ts'
import { sandboxConnector } from '../../src/connectors/sandbox/sandbox.ts'
import type { Caller } from '../../src/core/account.ts'
import type { Currency } from '../../src/core/currencies.ts'
import type { Env } from '../../src/core/env.ts'
import type { Session } from '../../src/core/session.ts'
import type { Attempt } from '../../src/core/settlement.ts'
import type { ThreeDSecureWish } from '../../src/core/three-d-secure.ts'
import { makeEnv } from '../../src/env.ts'
import { createEgress } from '../../src/events/egress.ts'
import type { Call } from '../../src/flows/call.ts'
import { createSession } from '../../src/flows/create-session.ts'
import { openAccount } from '../../src/flows/open-account.ts'
import { type Payments, pay } from '../../src/flows/pay.ts'
import type { NewSessionInput } from '../../src/flows/session-input.ts'
import type { Faults } from '../../src/sandbox-bank/faults.ts'
import { TEST_CARDS } from '../../src/sandbox-bank/test-cards.ts'
import { inTransaction } from '../../src/storage/commit.ts'
import { openStorage, type Storage } from '../../src/storage/storage.ts'
import { openVault, type Vault } from '../../src/vault/vault.ts'
import { type TestDatabase, testDatabase } from './database.ts'
import { type BankChoices, startTestBank, type TestBank } from './sandbox-bank.ts'

export type TestTill = {
  readonly db: TestDatabase
  readonly bank: TestBank
  readonly env: Env
  readonly storage: Storage
  readonly vault: Vault
  readonly payments: Payments
  readonly caller: Caller
  readonly secretKey: string
  openSession(input?: Partial<NewSessionInput>, call?: Partial<Call>): Promise<Session>
  /** Tokenizes a card and pays with it, as the page's route does, and waits for the outcome. */
  pay(session: Session, number: string, threeDSecure?: ThreeDSecureWish): Promise<Attempt>
  /** Types of all events of the account, in the order of their roots. */
  eventTypes(): Promise<readonly string[]>
  stop(): Promise<void>
}

/** Everything behind the edges, wired as `main` wires it: real Postgres, the real bank over real HTTP. */
export async function startTestTill(
  file: string,
  choices: { readonly env?: Env; readonly faults?: Faults } & Pick<
    BankChoices,
    'http' | 'standing' | 'adminToken'
  > = {},
): Promise<TestTill> {
  const env = choices.env ?? makeEnv()
  const db = await testDatabase(file)
  const bank = await startTestBank(file, { ...choices, env })
  const storage = openStorage(db.sql)
  const http = createEgress({
    // Network deadlines are real time even where a test owns the clock.
    env: makeEnv(),
    policy: { publicHosts: false, loopback: false, allowHosts: [new URL(bank.url).host] },
    assertNoTransaction,
  })
  const vault = openVault({
    env,
    sql: db.sql,
    ring: { wrapping: new Map([[1, env.randomBytes(32)]]), fingerprint: env.randomBytes(32) },
    http,
    allowedOrigins: [bank.url],
    testNumbers: new Set(TEST_CARDS.map((card) => card.number)),
  })
  const connectors: readonly Connector[] = [sandboxConnector(bank.url)]
  const payments: Payments = {
    env,
    storage,
    connectors,
    outside: { http, sendCard: vault.send },
    forgetCard: vault.forget,
  }
  const { keys } = await openAccount(payments, 'Test shop')
  const key = keys.find((one) => one.row.kind === 'secret')
  if (!key) throw new Error('an account opens with a secret key')
  const caller: Caller = { tenant: key.row.tenant, keyId: key.row.id, kind: 'secret', door: 'native' }

  return {
    db,
    bank,
    env,
    storage,
    vault,
    payments,
    caller,
    secretKey: key.text,

    async openSession(input = {}, call = {}) {
      const made = await createSession(
        payments,
        { caller, requestId: 'req_test', key: null, ...call },
        { ...ordinaryBasket(), ...input },
      )
      if (!made.ok || made.value.snapshot.is !== 'session') throw new Error(JSON.stringify(made))
      return made.value.snapshot.session
    },

    async pay(session, number, threeDSecure) {
      const form = `cardNumber=${number}&cardExpiry=12%2F34&cardCvc=${number.startsWith('3') ? '1234' : '123'}`
      const taken = vault.take(new TextEncoder().encode(form))
      if (!taken.ok) throw new Error(taken.because)
      const tokenized = await vault.tokenize(session.tenant, session.id, taken.card)
      if (!tokenized.ok) throw new Error(JSON.stringify(tokenized.errors))
      const paying = await pay(payments, {
        tenant: session.tenant,
        sessionId: session.id,
        attempt: session.tries,
        token: tokenized.token,
        collected: { email: 'jenny@example.com', name: 'Jenny Rosen' },
        ...(threeDSecure === undefined ? {} : { threeDSecure }),
      })
      if (paying.is !== 'begun') throw new Error(paying.is)
      return paying.outcome
    },

    async eventTypes() {
      const rows = await db.sql<{ type: string }[]>`
        select type from events where tenant = ${caller.tenant} order by created_at, root_version, ordinal`
      return rows.map((row) => row.type)
    },

    async stop() {
      await bank.stop()
      await db.drop()
    },
  }
}

export function assertNoTransaction(): void {
  if (inTransaction()) throw new Error('a network call inside a database transaction')
}

/** One book and two cards for EUR 24.00. */
export function ordinaryBasket(): NewSessionInput {
  const euro = 'EUR' as Currency
  return {
    lineItems: [
      { priceData: { currency: euro, unitAmount: 1500n, productData: { name: 'The Salt Road' } }, quantity: 1 },
      { priceData: { currency: euro, unitAmount: 450n, productData: { name: 'Postcard' } }, quantity: 2 },
    ],
    successUrl: 'https://shop.example/done?id={CHECKOUT_SESSION_ID}',
    cancelUrl: 'https://shop.example/cart',
    clientReferenceId: 'order-1',
  }
}
