import type { DoorPage, DoorPageDeps } from '../index.ts'
import { findOzura } from './ids.ts'
import { cancelReturn, errorReturn, failureReturn, successReturn } from './returns.ts'

/** Shoppers come by `/checkout/<id>`, and leave as this system's shops expect them. */
export function ozuraPage(deps: DoorPageDeps): DoorPage {
  return {
    returns: (returning, end) => {
      if (end === 'cancel') return cancelReturn(returning)
      return end === 'success' ? successReturn(returning) : failureReturn(returning, deps)
    },
    aliases: [
      {
        door: 'ozura',
        path: '/checkout/:id',
        async find({ params }) {
          const found = await findOzura(deps.storage, params.id ?? '')
          if (!found) return undefined
          const { session } = found
          const failed = session.door === 'ozura' && session.state === 'failed'
          const leadsTo = failed ? errorReturn(session, 'SESSION_FAILED', deps) : undefined
          return { ...session, ...(leadsTo === undefined ? {} : { leadsTo }) }
        },
      },
    ],
  }
}
