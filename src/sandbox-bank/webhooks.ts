import type { Db } from './env.ts'
import { Fields } from './fields.ts'
import { MERCHANT } from './parse.ts'

/** Where a merchant is told what happens at the bank, and which share of the notices something befalls. */
export type Webhook = {
  readonly url: string
  readonly secret: string
  readonly seed: string
  readonly lost: number
  readonly doubled: number
  readonly early: number
  readonly forged: number
}

/** @throws Refusal naming the first field that is wrong */
export function parseWebhook(body: unknown): Webhook & { readonly merchant: string } {
  const fields = new Fields(body, '', ['merchant', 'url', 'secret', 'seed', 'lost', 'doubled', 'early', 'forged'])
  return {
    merchant: fields.text('merchant', MERCHANT, 'must be a merchant id'),
    url: fields.address('url'),
    secret: fields.text('secret', /^[!-~]{16,128}$/, 'must be 16 to 128 visible ASCII characters'),
    seed: fields.optionalText('seed', /^[!-~]{1,64}$/, 'must be 1 to 64 visible ASCII characters') ?? '0',
    lost: fields.share('lost') ?? 0,
    doubled: fields.share('doubled') ?? 0,
    early: fields.share('early') ?? 0,
    forged: fields.share('forged') ?? 0,
  }
}

export async function findWebhook(db: Db, merchant: string): Promise<Webhook | undefined> {
  const [row] = await db<Webhook[]>`
    select url, secret, seed, lost, doubled, early, forged from webhooks where merchant = ${merchant}`
  return row
}

export async function saveWebhook(
  db: Db,
  { merchant, ...webhook }: Webhook & { readonly merchant: string },
): Promise<void> {
  await db`
    insert into webhooks ${db({ merchant, ...webhook })}
    on conflict (merchant) do update set ${db(webhook)}`
}

export async function forgetWebhook(db: Db, merchant: string): Promise<boolean> {
  const { count } = await db`delete from webhooks where merchant = ${merchant}`
  return count === 1
}
