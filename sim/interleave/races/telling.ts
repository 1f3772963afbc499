import type { Caller } from '../../../src/core/account.ts'
import type { ClaimedDelivery, DeliveryOutcome } from '../../../src/core/delivery.ts'
import { SCHEDULED_TRIES } from '../../../src/core/delivery-schedule.ts'
import type { WebhookEndpoint } from '../../../src/core/event.ts'
import { newUuid } from '../../../src/core/ids.ts'
import { planWith } from '../../../src/events/plan.ts'
import { updateSession } from '../../../src/flows/update-session.ts'
import { plainDoor } from '../../../test/support/plain-door.ts'
import { bystander, type Race } from '../race.ts'
import { callOf, type Hands } from '../steady.ts'
import { openSession, openShop, paid, pressAndWait } from './town.ts'

const plan = planWith(
  { native: plainDoor('native', ({ event, number }) => [Number(number), event.type, event.id]) },
  (_, fault) => {
    throw fault
  },
)

const numberAll =
  ({ tenant }: Caller, limit = 100) =>
  async ({ storage, env }: Hands) =>
    `numbered ${await storage.numberEvents(tenant, { limit, now: env.now() }, plan)}`

const LEASE_MS = 60_000

function claim({ tenant }: Caller, { storage, env }: Hands, limit = 100): Promise<readonly ClaimedDelivery[]> {
  const leasedUntil = new Date(env.now().getTime() + LEASE_MS)
  return storage.claimDeliveries(tenant, {
    now: env.now(),
    leasedUntil,
    limit,
    failingLimit: 32,
    perEndpoint: 4,
    underWay: new Map(),
  })
}

const claimSome = (caller: Caller, limit?: number) => async (own: Hands) => {
  const claimed = await claim(caller, own, limit)
  return `claimed ${claimed.map(({ number }) => number).join(' ')}`
}

const settle =
  (claimed: ClaimedDelivery, outcome: DeliveryOutcome) =>
  async ({ storage }: Hands) =>
    (await storage.settleDelivery(claimed.tenant, claimed, outcome)) ? 'settled' : 'too late'

async function openEndpoint({ env, storage }: Hands, { tenant }: Caller): Promise<WebhookEndpoint> {
  const endpoint: WebhookEndpoint = {
    tenant,
    id: newUuid(env),
    version: 1,
    url: 'https://shop.example/hooks',
    status: 'enabled',
    door: 'native',
    apiVersion: null,
    enabledEvents: ['*', 'checkout.session.created'],
    sealedSecret: new Uint8Array(8),
    sealedPrevious: null,
    previousUntil: null,
    disabledReason: null,
    disabledAt: null,
    deleted: false,
    createdAt: env.now(),
    document: {},
  }
  const made = await storage.commit({ endpoints: [endpoint] })
  if (!made.ok) throw new Error(made.conflict)
  return endpoint
}

/** A shop that hears of three sessions: three deliveries, each of a root of its own. */
async function dueDeliveries(hands: Hands): Promise<Caller> {
  const caller = await openShop(hands)
  await openEndpoint(hands, caller)
  for (let made = 0; made < 3; made++) await openSession(hands, caller)
  await numberAll(caller)(hands)
  return caller
}

/** No delivery is in two hands. */
const apart: Race['judge'] = (outcomes) => {
  const numbers = outcomes.flatMap((outcome) => outcome.split(' ').slice(1).filter(Boolean))
  return new Set(numbers).size === numbers.length ? undefined : outcomes.join('; ')
}

const refused = (
  { env }: Hands,
  change: { readonly late?: boolean; readonly gone?: boolean } = {},
): DeliveryOutcome => ({
  state: 'pending',
  at: env.now(),
  nextAt: new Date(env.now().getTime() + 5_000),
  late: false,
  gone: false,
  status: 500,
  error: 'the endpoint answered 500',
  ...change,
})

const taken = ({ env }: Hands): DeliveryOutcome => ({ state: 'delivered', at: env.now(), status: 200 })

/** Two deliveries of two roots, each leased to somebody. */
async function twoClaimed(hands: Hands) {
  const caller = await dueDeliveries(hands)
  const [first, second] = await claim(caller, hands)
  if (!first || !second) throw new Error('nothing to deliver')
  return { caller, first, second }
}

/** A delivery whose scheduled tries are used up: its endpoint is asked with it once an hour. */
async function lateDelivery(hands: Hands): Promise<Caller> {
  const caller = await openShop(hands)
  await openEndpoint(hands, caller)
  await openSession(hands, caller)
  await numberAll(caller)(hands)
  for (let tries = 1; tries <= SCHEDULED_TRIES; tries++) {
    for (const one of await claim(caller, hands)) {
      await settle(one, refused(hands, { late: tries === SCHEDULED_TRIES }))(hands)
    }
    await hands.steady.pass(6_000)
  }
  return caller
}

/** Who numbers events, who commits them, and who delivers. */
export const TELLING: readonly Race[] = [
  {
    name: 'two sequencers number the same events',
    async prepare(hands) {
      const caller = await openShop(hands)
      await openEndpoint(hands, caller)
      for (let made = 0; made < 3; made++) await openSession(hands, caller)
      return [
        { name: 'one', run: numberAll(caller) },
        { name: 'other', run: numberAll(caller, 2) },
      ]
    },
  },
  {
    name: 'a sequencer numbers while a shopper pays',
    async prepare(hands) {
      const caller = await openShop(hands)
      await openEndpoint(hands, caller)
      const session = await openSession(hands, caller)
      return [
        { name: 'sequencer', run: numberAll(caller) },
        { name: 'shopper', run: (own) => pressAndWait(own, session, 'approves') },
      ]
    },
    judge: (outcomes) => (outcomes[1] === 'captured' ? undefined : outcomes.join()),
  },
  {
    name: 'two sequencers number while a shopper pays and another session is made',
    async prepare(hands) {
      const caller = await openShop(hands)
      await openEndpoint(hands, caller)
      const session = await openSession(hands, caller)
      return [
        { name: 'one', run: numberAll(caller) },
        { name: 'other', run: numberAll(caller, 1) },
        { name: 'shopper', run: (own) => pressAndWait(own, session, 'approves') },
        { name: 'shop', run: async (own) => `session ${(await openSession(own, caller)).state}` },
      ]
    },
  },
  {
    name: 'a sequencer numbers while an endpoint is opened, and then hears of a session',
    async prepare(hands) {
      const caller = await openShop(hands)
      await openSession(hands, caller)
      return [
        { name: 'sequencer', run: numberAll(caller) },
        {
          name: 'shop',
          async run(own) {
            await openEndpoint(own, caller)
            return (await openSession(own, caller)).state
          },
        },
      ]
    },
  },
  {
    name: 'two workers claim the same deliveries',
    async prepare(hands) {
      const caller = await dueDeliveries(hands)
      return [
        { name: 'one', run: claimSome(caller) },
        { name: 'other', run: claimSome(caller, 2) },
      ]
    },
    judge: apart,
  },
  {
    name: 'four workers claim one delivery each',
    async prepare(hands) {
      const caller = await dueDeliveries(hands)
      return ['one', 'other', 'third', 'fourth'].map((name) => ({ name, run: claimSome(caller, 1) }))
    },
    judge: apart,
  },
  {
    name: 'a slow worker settles a delivery that another has taken over',
    async prepare(hands) {
      const caller = await dueDeliveries(hands)
      const [first] = await claim(caller, hands)
      await hands.steady.pass(LEASE_MS + 1_000)
      if (!first) throw new Error('nothing to deliver')
      return [
        { name: 'slow', run: settle(first, refused(hands)) },
        {
          name: 'new',
          async run(own) {
            const mine = (await claim(caller, own)).find(({ number }) => number === first.number)
            return mine ? settle(mine, taken(own))(own) : 'not due'
          },
        },
      ]
    },
    judge: (outcomes) =>
      ['settled,not due', 'too late,settled'].includes(outcomes.join()) ? undefined : outcomes.join(),
  },
  {
    name: 'one delivery is settled twice while others are claimed',
    async prepare(hands) {
      const caller = await openShop(hands)
      await openEndpoint(hands, caller)
      await paid(hands, caller)
      await numberAll(caller)(hands)
      const [first] = await claim(caller, hands, 1)
      if (!first) throw new Error('nothing to deliver')
      return [
        { name: 'one', run: settle(first, taken(hands)) },
        { name: 'twin', run: settle(first, refused(hands)) },
        { name: 'claimer', run: claimSome(caller) },
      ]
    },
    judge: ([one, twin]) => ((one === 'settled') !== (twin === 'settled') ? undefined : `${one}, ${twin}`),
  },
  {
    name: 'a delivery is put off while its root’s next is numbered and claimed',
    async prepare(hands) {
      const caller = await openShop(hands)
      await openEndpoint(hands, caller)
      const session = await openSession(hands, caller)
      await numberAll(caller)(hands)
      const [first] = await claim(caller, hands, 1)
      if (!first) throw new Error('nothing to deliver')
      await updateSession(hands, callOf(caller), session.id, { metadata: { a: '1' } })
      await pressAndWait(hands, session, 'declines')
      return [
        { name: 'worker', run: settle(first, refused(hands)) },
        { name: 'sequencer', run: numberAll(caller) },
        { name: 'claimer', run: claimSome(caller) },
      ]
    },
  },
  {
    name: 'an endpoint takes one event and refuses another',
    async prepare(hands) {
      const { caller, first, second } = await twoClaimed(hands)
      await settle(second, refused(hands))(hands)
      await hands.steady.pass(6_000)
      const again = (await claim(caller, hands)).find(({ number }) => number === second.number)
      if (!again) throw new Error('nothing to deliver again')
      return [
        { name: 'taken', run: settle(first, taken(hands)) },
        { name: 'refused', run: settle(again, refused(hands)) },
        { name: 'claimer', run: claimSome(caller) },
      ]
    },
  },
  {
    name: 'an endpoint refuses two events at once, and says that it is gone',
    async prepare(hands) {
      const { caller, first, second } = await twoClaimed(hands)
      return [
        { name: 'one', run: settle(first, refused(hands, { gone: true })) },
        { name: 'other', run: settle(second, refused(hands, { gone: true })) },
        { name: 'claimer', run: claimSome(caller) },
      ]
    },
  },
  {
    name: 'two workers probe an endpoint that takes nothing',
    async prepare(hands) {
      const caller = await lateDelivery(hands)
      return ['one', 'other'].map((name) => ({ name, run: claimSome(caller) }))
    },
    judge: (outcomes) => {
      const claimed = outcomes.filter((outcome) => outcome !== 'claimed ')
      return claimed.length === 1 ? undefined : outcomes.join('; ')
    },
  },
  {
    name: 'two workers probe an endpoint, and both stop at the delivery',
    async prepare(hands) {
      const caller = await lateDelivery(hands)
      const claimers = ['one', 'other'].map((name) => ({ name, run: claimSome(caller) }))
      return [...claimers, bystander('deliveries')]
    },
    judge: ([one, other]) => ((one === 'claimed ') !== (other === 'claimed ') ? undefined : `${one}; ${other}`),
  },
  {
    name: 'two sequencers number the same events, and both stop at their account',
    async prepare(hands) {
      const caller = await openShop(hands)
      await openEndpoint(hands, caller)
      for (let made = 0; made < 3; made++) await openSession(hands, caller)
      return [
        { name: 'one', run: numberAll(caller) },
        { name: 'other', run: numberAll(caller, 2) },
        bystander('tenants'),
      ]
    },
  },
]
