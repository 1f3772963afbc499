import { accountsCreate, accountsList } from './accounts.ts'
import type { Command } from './command.ts'
import {
  endpointsAttempts,
  endpointsHealth,
  endpointsList,
  endpointsResend,
  endpointsRollSecret,
  endpointsTest,
} from './endpoints.ts'
import { eventsAttempts, eventsResend } from './events.ts'
import { keysCreate, keysList, keysRevoke } from './keys.ts'
import { endpointsCreate, endpointsDelete } from './make-endpoints.ts'
import { refundsApprove, refundsList, refundsReject } from './refunds.ts'
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
  endpointsCreate,
  endpointsList,
  endpointsHealth,
  endpointsAttempts,
  endpointsTest,
  endpointsRollSecret,
  endpointsResend,
  endpointsDelete,
  eventsAttempts,
  eventsResend,
  refundsList,
  refundsApprove,
  refundsReject,
  verifyAll,
]

export const NOUNS: Readonly<Record<string, string>> = {
  accounts: 'The merchants of this installation.',
  keys: 'API keys, for test and live mode.',
  settings: "An account's choices.",
  endpoints: 'Where events go, and whether they arrive there.',
  events: 'What happened, and what became of telling it.',
  refunds: 'Refunds that wait for an operator.',
  verify: 'Whether the books are right.',
}
