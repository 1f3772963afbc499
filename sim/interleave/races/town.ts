import type { Caller } from '../../../src/core/account.ts'
import type { Currency } from '../../../src/core/currencies.ts'
import { newUuid } from '../../../src/core/ids.ts'
import type { Door, Session } from '../../../src/core/session.ts'
import type { Attempt } from '../../../src/core/settlement.ts'
import { createSession } from '../../../src/flows/create-session.ts'
import type { Answer } from '../../../src/flows/once.ts'
import { openAccount } from '../../../src/flows/open-account.ts'
import { type Paying, pay } from '../../../src/flows/pay.ts'
import type { Result } from '../../../src/flows/refusals.ts'
import type { NewSessionInput } from '../../../src/flows/session-input.ts'
import { FACTS } from '../../card-desk.ts'
import type { Card } from '../../provider.ts'
import { callOf, type Hands } from '../steady.ts'

export async function openShop(hands: Hands, door: Door = 'native'): Promise<Caller> {
  const { keys } = await openAccount(hands, 'A shop')
  const key = keys.find(({ row }) => row.kind === 'secret')?.row
  if (!key) throw new Error('an account opens with a secret key')
  return { tenant: key.tenant, keyId: key.id, kind: 'secret', door }
}

export const BASKET: NewSessionInput = {
  lineItems: [
    { priceData: { currency: 'EUR' as Currency, unitAmount: 1000n, productData: { name: 'A book' } }, quantity: 1 },
  ],
  successUrl: 'https://shop.example/done',
}

export async function openSession(
  hands: Hands,
  caller: Caller,
  input: Partial<NewSessionInput> = {},
): Promise<Session> {
  const made = await createSession(hands, callOf(caller), { ...BASKET, ...input })
  if (!made.ok || made.value.snapshot.is !== 'session') throw new Error(JSON.stringify(made))
  return made.value.snapshot.session
}

export const HOLD: Partial<NewSessionInput> = { paymentTemplate: { captureMethod: 'manual' } }

/** Somebody presses Pay on the page as they see it. */
export async function press(hands: Hands, session: Session, card: Card): Promise<Paying> {
  const token = newUuid(hands.env)
  hands.steady.provider.cards.set(token, { card, putAtMs: hands.steady.world.nowMs() })
  return pay(hands, {
    tenant: session.tenant,
    sessionId: session.id,
    attempt: session.tries,
    token: { id: token, card: FACTS },
    collected: { email: 'jenny@example.com' },
  })
}

/** The same, and what became of the charge. */
export async function pressAndWait(hands: Hands, session: Session, card: Card): Promise<string> {
  const paying = await press(hands, session, card)
  return paying.is === 'begun' ? (await paying.outcome).charge.state : paying.is
}

/** A payment that got as far as its provider lets it. */
export async function paid(
  hands: Hands,
  caller: Caller,
  { card = 'approves', ...input }: Partial<NewSessionInput> & { readonly card?: Card } = {},
): Promise<Attempt> {
  const paying = await press(hands, await openSession(hands, caller, input), card)
  if (paying.is !== 'begun') throw new Error(paying.is)
  return paying.outcome
}

/** The answer's code, or what the object is now. */
export function told(result: Result<Answer>): string {
  if (!result.ok) return result.refusal.code
  const { snapshot } = result.value
  switch (snapshot.is) {
    case 'session':
      return `session ${snapshot.session.state}`
    case 'payment':
      return `payment ${snapshot.payment.state}`
    case 'refund':
      return `refund ${snapshot.refund.state}`
    case 'method':
      return `method ${snapshot.method.state}`
    default:
      return snapshot.is
  }
}
