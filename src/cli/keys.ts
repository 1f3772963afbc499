import type { ApiKey } from '../core/account.ts'
import { isLive, otherMode, parseName } from '../core/ids.ts'
import { nearestName } from '../core/nearest.ts'
import { DOORS } from '../core/session.ts'
import { plainText } from '../core/setting-values.ts'
import { createKey, revokeKey } from '../flows/open-account.ts'
import { chooseAccount } from './choose-account.ts'
import { ACCOUNT_OPTION, type Command, failed, notFound, type Paint, planned, told, wrongUsage } from './command.ts'
import { quote } from './quote.ts'
import { keyName, modeOf, renderFreshKeys, shownFreshKey, shownKey } from './show-key.ts'
import { renderMoment, renderTable } from './table.ts'

/** A list shows a thousand; so every key that opens something is in it, and can be revoked. */
const MOST_KEYS = 500

export const keysCreate: Command = {
  noun: 'keys',
  verb: 'create',
  about: 'Make a key: a secret one for test mode, unless you ask for another.',
  options: {
    ...ACCOUNT_OPTION,
    live: { about: 'for live mode, where real money moves' },
    publishable: { about: 'a publishable key, which browsers may know' },
    name: { value: 'text', about: 'what the key is for, up to 100 characters' },
    door: { value: 'door', about: `the API whose answers it gets on shared paths: ${DOORS.join(', ')}` },
  },
  examples: ['--name "Order service"', '--live --publishable --account acct_…'],
  plan({ switches, values }) {
    const given = values.get('name')
    const name = given === undefined ? undefined : plainText(100)(given)
    if (name && !name.ok) return wrongUsage(`--name ${name.message}.`)
    const wanted = values.get('door') ?? 'native'
    const door = DOORS.find((one) => one === wanted)
    if (!door) return wrongUsage(`There is no door ${quote(wanted)}.${suggestDoor(wanted)}`)
    return planned(async (context) => {
      const chosen = await chooseAccount(context, values.get('account'))
      if (!chosen.ok) return chosen
      const live = chosen.account.tenant
      const tenant = switches.has('live') ? live : otherMode(live)
      const good = (await context.storage.listKeys(tenant)).filter((key) => key.revokedAt === null)
      if (good.length >= MOST_KEYS) {
        return failed(`${chosen.account.name} has ${MOST_KEYS} keys that are not revoked. Revoke one first.`)
      }
      const kind = switches.has('publishable') ? 'publishable' : 'secret'
      const key = await createKey(context, tenant, kind, door, name?.value ?? '')
      const text = `Made key ${keyName(key.row)} of ${chosen.account.name}.\n\n${renderFreshKeys([key])}`
      return told(text, shownFreshKey(key))
    })
  },
}

export const keysList: Command = {
  noun: 'keys',
  verb: 'list',
  about: "List an account's keys of both modes, oldest first, without their secrets.",
  options: ACCOUNT_OPTION,
  examples: ['', '--account acct_… --json'],
  plan: ({ values }, paint) =>
    planned(async (context) => {
      const chosen = await chooseAccount(context, values.get('account'))
      if (!chosen.ok) return chosen
      const keys = await context.storage.listKeys(chosen.account.tenant)
      const columns = ['id', 'mode', 'kind', 'key', 'door', 'created', 'revoked', 'name']
      return told(
        renderTable(
          columns,
          keys.map((key) => rowOf(key, paint)),
          paint,
        ),
        keys.map(shownKey),
      )
    }),
}

function rowOf(key: ApiKey, { live, faint }: Paint): readonly string[] {
  const row = [keyName(key), modeOf(key), key.kind, key.hint, key.door, renderMoment(key.createdAt)]
  if (key.revokedAt !== null) return [...row, renderMoment(key.revokedAt), key.name].map(faint)
  return [...row, '-', key.name].map((cell, index) => (index === 1 && isLive(key.tenant) ? live(cell) : cell))
}

export const keysRevoke: Command = {
  noun: 'keys',
  verb: 'revoke',
  about: 'Revoke a key for good. Servers refuse it within five seconds.',
  options: ACCOUNT_OPTION,
  operands: { shown: '<key id>', least: 1, most: 1 },
  examples: ['key_…', 'key_… --account acct_… --json'],
  plan({ operands: [id = ''], values }) {
    if (/^(sk|pk)_/.test(id)) {
      return wrongUsage(
        'That is a key itself. Name it by its id, key_…, which opentill keys list shows beside its end.',
      )
    }
    return planned(async (context) => {
      const chosen = await chooseAccount(context, values.get('account'))
      if (!chosen.ok) return chosen
      const parsed = parseName('key', id)
      const keys = parsed ? await context.storage.listKeys(chosen.account.tenant) : []
      const key = keys.find((row) => keyName(row) === id)
      if (!key) return notFound(`${chosen.account.name} has no key ${quote(id)}. opentill keys list shows all.`)
      const words = `${modeOf(key)} ${key.kind} key ${id} (${key.hint})`
      if (key.revokedAt !== null) {
        return told(`The ${words} was revoked before, at ${renderMoment(key.revokedAt)}.\n`, shownKey(key))
      }
      if (!(await revokeKey(context, key.tenant, key.id))) {
        return failed(`The ${words} changed while it was being revoked. Look with opentill keys list, and try again.`)
      }
      const after = (await context.storage.listKeys(key.tenant)).find((row) => row.id === key.id) ?? key
      return told(`Revoked the ${words}. Servers refuse it within five seconds.\n`, shownKey(after))
    })
  },
}

function suggestDoor(wanted: string): string {
  const meant = nearestName(wanted, DOORS)
  return meant === undefined ? ` The doors are ${DOORS.join(', ')}.` : ` Did you mean ${meant}?`
}
