import type { EventDoors } from '../../core/door-events.ts'
import { nativeEvents } from '../api/events/native-events.ts'
import type { Look } from '../api/render/parts.ts'
import { bpcEvents } from './bpc/events.ts'
import { openCheckoutEvents } from './opencheckout/events.ts'

/** Every front door that tells events, each by a row of its own. */
export function doorEvents(look: () => Look): EventDoors {
  return {
    native: nativeEvents(look),
    opencheckout: openCheckoutEvents(() => look().publicUrl),
    bpc: bpcEvents(look),
  }
}
