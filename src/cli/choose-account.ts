import type { Account } from '../core/account.ts'
import { nameOf, parseName } from '../core/ids.ts'
import type { Context } from '../flows/call.ts'
import { notFound, type Refusal, wrongUsage } from './command.ts'
import { quote } from './quote.ts'

export type Chosen = { readonly ok: true; readonly account: Account } | Refusal

/** The account that was named, or the only one there is. */
export async function chooseAccount({ storage }: Context, name: string | undefined): Promise<Chosen> {
  if (name !== undefined) {
    const parsed = parseName('account', name)
    const account = parsed && (await storage.findAccount(parsed.tenant))
    if (!account || accountName(account) !== name) return noAccount(name)
    return { ok: true, account }
  }
  const [only, another] = await storage.listAccounts(2)
  if (!only) return notFound('There is no account yet. Make one with: opentill accounts create --name "Book shop"')
  if (another)
    return wrongUsage('There are several accounts. Name one with --account; opentill accounts list shows them.')
  return { ok: true, account: only }
}

export const accountName = (account: Account): string => nameOf('account', account.tenant, account.id)

const noAccount = (name: string): Refusal =>
  notFound(`There is no account ${quote(name)}. opentill accounts list shows all.`)
