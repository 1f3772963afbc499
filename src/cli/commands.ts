import { accountsCreate, accountsList } from './accounts.ts'
import type { Command } from './command.ts'
import { keysCreate, keysList, keysRevoke } from './keys.ts'
import { settingsGet, settingsSet } from './settings.ts'
import { verifyAll } from './verify.ts'

/** Every command, in the order of the help. */
export const COMMANDS: readonly Command[] = [
  accountsCreate,
  accountsList,
  keysCreate,
  keysList,
  keysRevoke,
  settingsGet,
  settingsSet,
  verifyAll,
]

export const NOUNS: Readonly<Record<string, string>> = {
  accounts: 'The merchants of this installation.',
  keys: 'API keys, for test and live mode.',
  settings: "An account's choices.",
  verify: 'Whether the books are right.',
}
