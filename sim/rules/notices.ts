import { firstWrong, type Rule } from '../rules.ts'

/** A signature is good for five minutes; our clocks are wrong by seconds, and databases answer late. */
const GOOD_FOR_MS = 300_000 + 12_000

export const NOTICE_RULES: readonly Rule[] = [
  {
    id: 'H-signed',
    says: 'what is kept as a provider’s word was signed by it, not long ago',
    onCommit: ({ post, world }, { notices }) =>
      firstWrong(notices, ({ before, after }) => {
        if (before) return undefined
        const sent = post.sent.get(String(after.notice_id))
        if (!sent) return `${after.notice_id} was never sent`
        const youngest = Math.max(...sent.signedAtMs)
        return world.nowMs() - youngest > GOOD_FOR_MS ? `${after.notice_id} was caught and sent again` : undefined
      }),
  },
  {
    id: 'H-followed',
    says: 'when nothing goes wrong everything that a provider told was asked about',
    atEnd: ({ books }) =>
      firstWrong(books.notices.values(), ({ notice_id: id, state }) =>
        state === 'done' ? undefined : `${id} is ${state}`,
      ),
  },
  {
    id: 'H-known',
    says: 'when nothing goes wrong every refund that a provider told of is known, as it is there',
    atEnd: ({ books, post, provider }) =>
      firstWrong(books.notices.values(), ({ notice_id: id }) => {
        const { reference = '', refund = null } = post.sent.get(String(id)) ?? {}
        if (refund === null) return undefined
        const theirs = provider.bookingOf(reference)?.refunds.find(({ providerId }) => providerId === refund)
        const ours = [...books.refunds.values()].find(({ providerId }) => providerId === refund)
        if (!ours) return `${refund} was told by ${id}, and nobody knows it`
        return ours.state === theirs?.status || ours.state === 'needs_review'
          ? undefined
          : `${refund} is ${ours.state} here and ${theirs?.status} there`
      }),
  },
]
