import type { Account } from '../core/account.ts'
import { plainText } from '../core/setting-values.ts'
import { openAccount } from '../flows/open-account.ts'
import { accountName } from './choose-account.ts'
import { type Command, planned, told, wrongUsage } from './command.ts'
import { renderFreshKeys, shownFreshKey } from './show-key.ts'
import { renderMoment, renderTable, unixSeconds } from './table.ts'

/** One answer's worth; who has more reads the database. */
const MOST_ACCOUNTS = 5_000

export const accountsCreate: Command = {
  noun: 'accounts',
  verb: 'create',
  about: 'Open an account, with a secret and a publishable key for test mode.',
  options: { name: { value: 'text', about: "the merchant's name, up to 100 characters", required: true } },
  examples: ['--name "Book shop"', '--name "Book shop" --json'],
  plan({ values }) {
    const name = plainText(100)(values.get('name') ?? '')
    if (!name.ok) return wrongUsage(`--name ${name.message}.`)
    return planned(async (context) => {
      const { account, keys } = await openAccount(context, name.value)
      const text = `Opened account ${accountName(account)} (${account.name}).\n\n${renderFreshKeys(keys)}`
      return told(text, { ...shownAccount(account), keys: keys.map(shownFreshKey) })
    })
  },
}

export const accountsList: Command = {
  noun: 'accounts',
  verb: 'list',
  about: 'List all accounts, oldest first.',
  options: {},
  examples: ['', '--json'],
  plan: (_, paint) =>
    planned(async ({ storage }) => {
      const accounts = await storage.listAccounts(MOST_ACCOUNTS)
      const rows = accounts.map((account) => [accountName(account), renderMoment(account.createdAt), account.name])
      return told(renderTable(['id', 'created', 'name'], rows, paint), accounts.map(shownAccount))
    }),
}

const shownAccount = (account: Account) => ({
  id: accountName(account),
  name: account.name,
  created: unixSeconds(account.createdAt),
})
