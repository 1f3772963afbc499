import { nameOf, newUuid } from '../src/core/ids.ts'
import type { Session } from '../src/core/session.ts'
import { abandonChallenge, goOnFromDeviceCheck, returnFromBank } from '../src/flows/challenge.ts'
import { cancelSession } from '../src/flows/close-session.ts'
import { type Payments, pay } from '../src/flows/pay.ts'
import type { SessionView } from '../src/storage/sessions.ts'
import type { Card } from './provider.ts'
import type { Random } from './random.ts'
import type { Purchase, Town } from './shop.ts'
import { Violation } from './world.ts'

const VISITS = 14

/** Which cards people have. */
export const CARDS: readonly Card[] = [
  'approves',
  'approves',
  'approves',
  'declines',
  'waits_then_approves',
  'waits_then_declines',
  'challenges',
  'checks_the_device',
  'checks_the_device_then_challenges',
]

/** One person with the page open: looks, pays, looks again, gives up or comes back. */
export async function shop(town: Town, draw: Random, { session, wants }: Purchase): Promise<void> {
  const { world, client, faults } = town
  for (let visit = 0; visit < VISITS; visit++) {
    await world.sleep(draw.between(500, visit < 4 ? 15_000 : 45_000))
    const seen = await client(`look at ${wants}`, ({ storage }) => storage.findSessionView(session.tenant, session.id))
    if (seen.is === 'lost' || !seen.value) continue
    const view = seen.value
    world.mark(`page ${view.session.state}`)
    if (view.charge?.state === 'requires_action') await meetChallenge(town, draw, view, wants)
    else if (view.session.state === 'open') {
      if (draw.chance(0.06)) {
        await client(`cancel ${wants}`, (payments) => cancelSession(payments, session.tenant, session.id))
        continue
      }
      // Reading takes a while: what was seen may be over when the button is pressed.
      await world.sleep(draw.between(100, 8_000))
      const clicks = faults.hits('double_click') ? draw.between(2, 3) : 1
      await Promise.all(Array.from({ length: clicks }, () => press(town, draw, view.session, wants)))
    } else if (view.session.state !== 'processing') {
      if (draw.chance(0.7)) return
    }
  }
}

/** One press of the button, with the card that this person types this time. */
async function press(town: Town, draw: Random, session: Session, wants: string): Promise<void> {
  const { world, client, provider } = town
  const card = draw.pick(CARDS)
  await client(`pay ${wants} with a card that ${card}`, async (payments) => {
    const token = newUuid(payments.env)
    provider.cards.set(token, { card, putAtMs: world.nowMs() })
    const paying = await pay(payments, {
      tenant: session.tenant,
      sessionId: session.id,
      attempt: session.tries,
      token: { id: token, card: { brand: 'visa', last4: '4242', expMonth: 12, expYear: 2034, fingerprint: 'f' } },
      collected: { email: 'jenny@example.com' },
    })
    world.mark(`pay ${paying.is}`)
    if (paying.is !== 'begun') return paying.is
    const attempt = await paying.outcome
    if (attempt.charge.attempt !== session.tries + 1) {
      world.fail(new Violation('I-06', `the form for try ${session.tries + 1} of ${wants} was spent twice`))
    }
    return attempt.charge.state
  })
}

/** The issuer asks, and the shopper answers, goes away, or takes another card; coming back proves nothing. */
async function meetChallenge(town: Town, draw: Random, view: SessionView, wants: string): Promise<void> {
  const { world, client, provider } = town
  const { session, charge } = view
  if (!charge) return
  await world.sleep(draw.between(1_000, 60_000))
  if (draw.chance(0.3)) {
    world.mark('challenge left alone')
    return
  }
  if (charge.document.action?.type === 'device_check') {
    if (draw.chance(0.2)) return
    await client(`the browser of ${wants} was looked at`, (payments) => goOnFromDeviceCheck(payments, { charge }))
    return
  }
  const findVisit = async ({ storage }: Payments) => storage.findVisit(session.tenant, session.id)
  if (draw.chance(0.2)) {
    world.mark('another card instead of a challenge')
    await client(`another card for ${wants}`, async (payments) => {
      const visited = await findVisit(payments)
      return visited && abandonChallenge(payments, visited)
    })
    return
  }
  provider.answerChallenge(nameOf('charge', charge.tenant, charge.id), draw.chance(0.75))
  await client(`back from the bank for ${wants}`, async (payments) => {
    const visited = await findVisit(payments)
    return visited && returnFromBank(payments, visited)
  })
}
