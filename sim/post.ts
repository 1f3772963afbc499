import type { HookDelivery } from '../src/connectors/contract.ts'
import { parseName } from '../src/core/ids.ts'
import { signNotice } from '../src/sandbox-bank/notices.ts'
import type { Faults } from './faults.ts'
import type { Server } from './server.ts'
import type { World } from './world.ts'

/** What the provider has to say about a charge. */
export type News = {
  readonly reference: string
  readonly type: string
  /** The refund that it is about, where it is about one. */
  readonly refund: string | null
}
export type SentNotice = News & {
  /** When the bytes that arrive were signed; several times where they were signed again. */
  readonly signedAtMs: readonly number[]
}

/** The provider's notices on their way to us. */
export type Post = {
  tell(news: News): void
  /** All that the provider ever sent, by its id. What is not here was somebody else's. */
  readonly sent: ReadonlyMap<string, SentNotice>
}

/** A provider that says nothing by itself. */
export const SILENT: Post = { tell: () => {}, sent: new Map() }

/** Who we are at the provider, and what it signs with. */
export const MERCHANT = 'simulated'
export const SIGNED_WITH = 'what-only-the-provider-knows'

/** A provider tries again a few times, and then never again. */
const PAUSES_MS = [1_000, 10_000, 60_000]
const PATIENCE_MS = 10_000
/** Longer than any signature is good for. */
const HELD_BACK_MS = 330_000

/** Half of all providers tell nothing: what we learn then, we learn by asking. */
export function makePost(world: World, faults: Faults, servers: readonly Server[]): Post {
  const draw = world.random('post')
  const sent = new Map<string, SentNotice & { readonly signedAtMs: number[] }>()
  const isMute = draw.chance(0.5)

  function sign(id: string, { reference, type }: News, secret = SIGNED_WITH): HookDelivery {
    const body = JSON.stringify({ id, type, merchant: MERCHANT, reference })
    const tenant = parseName('charge', reference)?.tenant
    if (tenant === undefined) throw new Error(`the provider was given ${reference}`)
    sent.get(id)?.signedAtMs.push(world.nowMs())
    const signature = signNotice(secret, body, new Date(world.wallMs()))
    return { tenant, body: new TextEncoder().encode(body), headers: { 'bank-signature': signature } }
  }

  /** One try: some machine of ours takes it, or none is there, or dies over it, or its answer is lost. */
  function attempt(what: string, delivery: HookDelivery, end: (taken: boolean) => void): void {
    let over = false
    const once = (taken: boolean): void => {
      if (over) return
      over = true
      end(taken)
    }
    world.after(PATIENCE_MS, () => once(false))
    const answered = draw.pick(servers).hear(what, delivery)
    if (!answered) {
      once(false)
      return
    }
    answered.then(
      (taken) => {
        world.mark(`notice ${taken.is}`)
        once(taken.is !== 'refused' && !faults.hits('hook_answer_lost'))
      },
      // A database that failed: the provider is asked to repeat itself.
      () => once(false),
    )
  }

  function insist(id: string, news: News, tries = 0): void {
    attempt(`notice ${id} of ${news.type}`, sign(id, news), (taken) => {
      const pauseMs = PAUSES_MS[tries]
      if (!taken && pauseMs !== undefined) world.after(pauseMs, () => insist(id, news, tries + 1))
    })
  }

  const throwIn = (what: string, delivery: HookDelivery): void => attempt(what, delivery, () => {})

  return {
    sent,
    tell(news) {
      if (isMute) return
      const id = `evt_${sent.size + 1}`
      sent.set(id, { ...news, signedAtMs: [] })
      const soon = () => (faults.hits('hook_late') ? draw.between(20_000, 200_000) : draw.between(1, 400))
      if (faults.hits('hook_forged')) {
        const forged = sign(`forged_${id}`, { ...news, type: 'authorization.captured' }, 'what anybody may guess')
        world.after(soon(), () => throwIn(`forged notice ${id}`, forged))
      }
      if (faults.hits('hook_held_back')) {
        const caught = sign(id, news)
        world.after(HELD_BACK_MS, () => throwIn(`notice ${id}, much later`, caught))
        return
      }
      if (faults.hits('hook_lost')) return
      const copies = faults.hits('hook_doubled') ? 2 : 1
      for (let copy = 0; copy < copies; copy++) world.after(soon(), () => insist(id, news))
    },
  }
}
