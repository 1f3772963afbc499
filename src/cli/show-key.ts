import type { ApiKey } from '../core/account.ts'
import { isLive, nameOf } from '../core/ids.ts'
import type { FreshKey } from '../flows/open-account.ts'
import { unixSeconds } from './table.ts'

export const keyName = (key: ApiKey): string => nameOf('key', key.tenant, key.id)
export const modeOf = (key: ApiKey): 'live' | 'test' => (isLive(key.tenant) ? 'live' : 'test')

/** What may be told of a key at any time: never the key itself. */
export const shownKey = (key: ApiKey) => ({
  id: keyName(key),
  mode: modeOf(key),
  kind: key.kind,
  door: key.door,
  name: key.name,
  hint: key.hint,
  created: unixSeconds(key.createdAt),
  revoked: key.revokedAt === null ? null : unixSeconds(key.revokedAt),
})

/** The one moment when the key itself is told. */
export const shownFreshKey = ({ row, text }: FreshKey) => ({ ...shownKey(row), key: text })

const LABELS = { secret: 'Secret key', publishable: 'Publishable key' } as const

export function renderFreshKeys(keys: readonly FreshKey[]): string {
  const lines = keys.map(({ row, text }) => `  ${`${LABELS[row.kind]}, ${modeOf(row)} mode`.padEnd(28)}${text}\n`)
  const secret = keys.some(({ row }) => row.kind === 'secret')
  const live = keys.some(({ row }) => isLive(row.tenant))
  return [
    ...lines,
    '\n',
    secret ? 'The secret key is not shown again: keep it now, where only your server reads it.\n' : '',
    live ? 'This is a live key: real money moves with it.\n' : '',
  ].join('')
}
