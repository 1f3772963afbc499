import { makeRandom } from '../../sim/random.ts'
import type { HttpRequest, HttpResponse } from '../../src/core/env.ts'
import { HttpError } from '../../src/core/env.ts'
import { CutAnswer } from '../../src/events/exchange.ts'

export const HOUR_MS = 3_600_000
export const DAY_MS = 24 * HOUR_MS

/** What an endpoint does with a delivery, after a while: an answer, an error of the connection, or nothing at all. */
export type Reaction = { readonly afterMs: number; readonly gives: HttpResponse | HttpError | 'nothing' }
export type Personality = {
  readonly about: string
  /** @param root of the event that is delivered */
  react(nowMs: number, request: HttpRequest, root: number): Reaction
}

const answer = (status: number, headers: Record<string, string> = {}, body = ''): HttpResponse => ({
  status,
  headers,
  body: Buffer.from(body),
})
const says = (status: number, afterMs = 60): Reaction => ({ afterMs, gives: answer(status) })
const SILENT: Reaction = { afterMs: 0, gives: 'nothing' }
const REFUSED: Reaction = { afterMs: 1, gives: new HttpError('the connection was refused', 'not_sent') }

const between = (nowMs: number, fromDay: number, toDay: number): boolean =>
  nowMs >= fromDay * DAY_MS && nowMs < toDay * DAY_MS

/** The root that `picky` never takes. */
export const POISON = 5
export const LOST_DAYS = [2, 22] as const
export const GONE_DAYS = [14, 17] as const

function hostile(seed: number): Personality['react'] {
  const draw = makeRandom(seed, 'hostile')
  const tricks: readonly (() => Reaction)[] = [
    () => ({ afterMs: 5, gives: answer(302, { location: 'http://169.254.169.254/' }) }),
    () => ({ afterMs: 5, gives: answer(503, { 'retry-after': '1000000000' }) }),
    () => ({ afterMs: 5, gives: answer(429, { 'retry-after': 'Fri, 31 Dec 9999 23:59:59 GMT' }) }),
    () => ({
      afterMs: 500,
      gives: new CutAnswer('the answer is longer than 65536 bytes', answer(500, {}, 'x'.repeat(9_000))),
    }),
    () => ({ afterMs: 5, gives: new HttpError('the answer broke off', 'unknown') }),
    () => ({
      afterMs: 5,
      gives: answer(200, { 'set-cookie': 'a=b', 'x-\u0000': '\u0000' }, 'card 4242424242424242 \0'),
    }),
    () => ({ afterMs: 5, gives: new CutAnswer('the answer timed out', answer(204)) }),
    () => SILENT,
  ]
  return () => draw.pick(tricks)()
}

export const PERSONALITIES = {
  good: { about: 'answers 200 within 60 ms', react: () => says(200) },
  slow: { about: 'answers 200 after 14 s', react: () => says(200, 14_000) },
  flapping: {
    about: 'up for 3 hours, 500 for 5',
    react: (nowMs) => says(nowMs % (8 * HOUR_MS) < 3 * HOUR_MS ? 200 : 500),
  },
  dead: { about: 'refuses every connection', react: () => REFUSED },
  lost: {
    about: 'silent from day 2 to day 22',
    react: (nowMs) => (between(nowMs, ...LOST_DAYS) ? SILENT : says(200)),
  },
  gone: {
    about: 'answers 410 from day 14 to day 17; enabled again on day 18',
    react: (nowMs) => says(between(nowMs, ...GONE_DAYS) ? 410 : 200),
  },
  picky: { about: 'refuses one payment for ever', react: (_, __, root) => says(root === POISON ? 400 : 200) },
  hostile: { about: 'redirects, floods, hangs up, asks to wait for years, and sometimes takes one', react: hostile(1) },
  black: { about: 'takes connections and never answers', react: () => SILENT },
} as const satisfies Record<string, Personality>
export type Kind = keyof typeof PERSONALITIES
