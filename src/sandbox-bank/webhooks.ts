import type { Db } from './env.ts'
import { Fields } from './fields.ts'
import { MERCHANT } from './parse.ts'

/** Where a merchant hears of what happens at the bank, and what it knows the bank by. */
export type Address = { readonly url: string; readonly secret: string }

/** An address, and which share of the notices something befalls. */
export type Webhook = Address & Fates
type Fates = {
  readonly seed: string
  readonly lost: number
  readonly doubled: number
  readonly early: number
  readonly forged: number
}

/** What the back office keeps of a merchant: without an address of its own it has the standing one. */
export type KeptWebhook = Fates & {
  readonly merchant: string
  readonly url: string | null
  readonly secret: string | null
}

/** @throws Refusal naming the first field that is wrong */
export function parseWebhook(body: unknown): KeptWebhook {
  const fields = new Fields(body, '', ['merchant', 'url', 'secret', 'seed', 'lost', 'doubled', 'early', 'forged'])
  const standing = fields.absent('url') && fields.absent('secret')
  return {
    merchant: fields.text('merchant', MERCHANT, 'must be a merchant id'),
    url: standing ? null : fields.address('url'),
    secret: standing ? null : fields.text('secret', /^[!-~]{16,128}$/, 'must be 16 to 128 visible ASCII characters'),
    seed: fields.optionalText('seed', /^[!-~]{1,64}$/, 'must be 1 to 64 visible ASCII characters') ?? '0',
    lost: fields.share('lost') ?? 0,
    doubled: fields.share('doubled') ?? 0,
    early: fields.share('early') ?? 0,
    forged: fields.share('forged') ?? 0,
  }
}

const NOTHING_BEFALLS: Fates = { seed: '0', lost: 0, doubled: 0, early: 0, forged: 0 }

/** @param standing the address of a merchant that has none of its own */
export async function findWebhook(
  db: Db,
  merchant: string,
  standing: Address | undefined,
): Promise<Webhook | undefined> {
  const [row] = await db<KeptWebhook[]>`
    select merchant, url, secret, seed, lost, doubled, early, forged from webhooks where merchant = ${merchant}`
  const own = row && row.url !== null && row.secret !== null ? { url: row.url, secret: row.secret } : undefined
  const address = own ?? standing
  return address && { ...(row ?? NOTHING_BEFALLS), ...address }
}

export async function saveWebhook(db: Db, { merchant, ...webhook }: KeptWebhook): Promise<void> {
  await db`
    insert into webhooks ${db({ merchant, ...webhook })}
    on conflict (merchant) do update set ${db(webhook)}`
}

export async function forgetWebhook(db: Db, merchant: string): Promise<boolean> {
  const { count } = await db`delete from webhooks where merchant = ${merchant}`
  return count === 1
}
