import type { EventDoors } from '../../core/door-events.ts'
import type { Tenant } from '../../core/ids.ts'
import { nativeEvents } from '../api/events/native-events.ts'
import type { Look } from '../api/render/parts.ts'
import { bpcEvents } from './bpc/events.ts'
import { hsrcEvents } from './hsrc/events.ts'
import { openCheckoutEvents } from './opencheckout/events.ts'
import { secPaidEvents } from './secpaid/events.ts'

/** Opens what a door has sealed for a tenant. */
export type OpenSecret = (tenant: Tenant, sealed: Uint8Array) => string | undefined

/**
 * Every front door that tells events, each by a row of its own.
 * @param open left out where nothing is told: whoever only asks for the names of events holds no keys
 */
export function doorEvents(look: () => Look, open: OpenSecret = () => undefined): EventDoors {
  return {
    native: nativeEvents(look),
    opencheckout: openCheckoutEvents(() => look().publicUrl),
    bpc: bpcEvents(look),
    secpaid: secPaidEvents(open),
    hsrc: hsrcEvents(look),
  }
}
