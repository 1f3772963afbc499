import { createHmac } from 'node:crypto'
import { renderAuthorization, renderOperation } from './authorization.ts'
import type { Notice } from './books.ts'
import { renderDispute } from './dispute.ts'
import { type BankEnv, type BankHttp, type BankLog, newId, type Sql } from './env.ts'
import { drawOf } from './fault-plan.ts'
import { type Address, findWebhook, type Webhook } from './webhooks.ts'

/** One notice, ready to go. */
export type Letter = {
  readonly url: string
  readonly body: string
  readonly secret: string
  readonly fate: Fate
}
type Fate = { readonly [name in 'lost' | 'doubled' | 'early' | 'forged']: boolean }

type Parts = {
  readonly sql: Sql
  readonly env: BankEnv
  readonly http: BankHttp | undefined
  readonly standing: ((merchant: string) => Address | undefined) | undefined
  readonly log: BankLog
  readonly stopping: AbortSignal
}

/** After which a notice is tried again; then it is dropped, as some banks do. */
const RETRIES_MS = [1_000, 10_000, 60_000]
const TIMEOUT_MS = 10_000
/** More than this under way, and the newest are dropped: a merchant that is away must not fill the bank. */
const MOST_UNDER_WAY = 1_000

/** What merchants are told from the bank's side: mostly once, in no order, and only ever a hint. */
export class Notices {
  readonly #parts: Parts
  readonly #underWay = new Set<Promise<void>>()
  /** How many notices each merchant was due: the seeds count on it. */
  readonly #counted = new Map<string, number>()

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** Writes the letters to those who want any, and draws what will go wrong with each. */
  async write(notices: readonly Notice[], origin: string): Promise<readonly Letter[]> {
    if (!this.#parts.http) return []
    const letters: Letter[] = []
    for (const notice of notices) {
      const standing = this.#parts.standing?.(notice.merchant)
      const webhook = await findWebhook(this.#parts.sql, notice.merchant, standing)
      if (!webhook) continue
      const number = (this.#counted.get(notice.merchant) ?? 0) + 1
      this.#counted.set(notice.merchant, number)
      letters.push({
        url: webhook.url,
        secret: webhook.secret,
        body: bodyOf(this.#parts.env, notice, origin),
        fate: fateOf(webhook, number),
      })
    }
    return letters
  }

  /** When there is no answer to be early for. */
  postAll(letters: readonly Letter[]): void {
    this.postRest(letters.map((letter) => ({ ...letter, fate: { ...letter.fate, early: false } })))
  }

  /** Those that go out before the answer to the request that caused them. */
  async postEarly(letters: readonly Letter[]): Promise<void> {
    await Promise.all(letters.filter(({ fate }) => fate.early).map((letter) => this.#post(letter)))
  }

  /** The rest goes out beside everything else. */
  postRest(letters: readonly Letter[]): void {
    for (const letter of letters.filter(({ fate }) => !fate.early)) {
      if (this.#underWay.size >= MOST_UNDER_WAY) return
      const posted: Promise<void> = this.#post(letter).finally(() => this.#underWay.delete(posted))
      this.#underWay.add(posted)
    }
  }

  async finish(): Promise<void> {
    await Promise.all(this.#underWay)
  }

  async #post(letter: Letter): Promise<void> {
    // Whoever forges does not insist.
    if (letter.fate.forged) await this.#arrives({ ...letter, body: forge(letter.body), secret: 'not the right secret' })
    if (letter.fate.lost) return
    await this.#deliver(letter)
    if (letter.fate.doubled) await this.#deliver(letter)
  }

  async #deliver(letter: Letter): Promise<void> {
    const { env, log, stopping } = this.#parts
    for (const pauseMs of [...RETRIES_MS, undefined]) {
      if (await this.#arrives(letter)) return
      if (pauseMs === undefined || stopping.aborted) break
      await env.sleep(pauseMs, stopping).catch(() => undefined)
    }
    log.info({}, 'sandbox bank gave up on a notice')
  }

  async #arrives({ url, body, secret }: Letter): Promise<boolean> {
    const { env, http } = this.#parts
    const headers = { 'content-type': 'application/json', 'bank-signature': signNotice(secret, body, env.now()) }
    try {
      const answer = await http?.({
        method: 'POST',
        url,
        headers,
        body,
        timeoutMs: TIMEOUT_MS,
        maxResponseBytes: 65_536,
      })
      return answer !== undefined && answer.status >= 200 && answer.status < 300
    } catch {
      return false
    }
  }
}

/** `t=<Unix seconds>,v1=<hex HMAC-SHA-256 of "<t>.<body>" under the secret>` */
export function signNotice(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000)
  return `t=${seconds},v1=${createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')}`
}

function bodyOf(env: BankEnv, notice: Notice, origin: string): string {
  return JSON.stringify({
    id: newId('evt', env),
    type: notice.type,
    merchant: notice.merchant,
    created: env.now().toISOString(),
    reference: 'authorization' in notice ? notice.authorization.reference : notice.reference,
    data: dataOf(notice, origin),
  })
}

function dataOf(notice: Notice, origin: string): object {
  if ('refund' in notice) return renderOperation(notice.refund)
  return 'dispute' in notice ? renderDispute(notice.dispute) : renderAuthorization(notice.authorization, origin)
}

function fateOf(webhook: Webhook, number: number): Fate {
  const befalls = (name: keyof Fate) => drawOf(`${webhook.seed} ${name}`, number) < webhook[name]
  return { lost: befalls('lost'), doubled: befalls('doubled'), early: befalls('early'), forged: befalls('forged') }
}

/** Somebody else's idea of what happened: more money than there was, and all of it captured. */
function forge(body: string): string {
  return body
    .replaceAll(/"status":"[a-z_]+"/g, '"status":"captured"')
    .replaceAll(/"(amount|captured_amount)":\d+/g, '"$1":999999')
}
