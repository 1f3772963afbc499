import { FAULT_KINDS } from './faults.ts'

/**
 * What a run over many seeds must have met, and how often per thousand seeds at least. A rare state that never came up
 * proves nothing: the run is red (reliability.md, section 3.2).
 */
export const WANTED: Readonly<Record<string, number>> = {
  ...Object.fromEntries(FAULT_KINDS.map((fault) => [`fault ${fault}`, 5])),
  // What the storm decides once per world.
  'fault forgotten_keys': 0,
  'session complete': 300,
  'session expired': 50,
  'session canceled': 20,
  'session failed': 20,
  'charge unknown': 100,
  'charge pending': 100,
  'charge authorized': 200,
  'charge captured': 200,
  'charge declined': 100,
  'charge failed': 50,
  'charge voided': 20,
  'charge surplus': 5,
  'charge needs_review': 5,
  'capture order succeeded': 50,
  'capture order unknown': 10,
  'void order succeeded': 20,
  'refund order succeeded': 50,
  'refund order unknown': 10,
  'refund order failed': 2,
  'refund pending': 20,
  'refund failed': 5,
  'dispute needs_response': 50,
  'dispute under_review': 5,
  'dispute won': 20,
  'dispute lost': 20,
  'dispute warning_needs_response': 10,
  'dispute warning_closed': 5,
  'answer_dispute order succeeded': 20,
  'answer_dispute order unknown': 2,
  'accept_dispute order succeeded': 5,
  'refund charge_disputed': 5,
  'booked beyond the horizon': 5,
  'key repeated at the provider': 20,
  'request repeated under its key': 50,
  'event delivered twice': 50,
  'endpoint enabled again': 50,
  'conflict stale': 20,
  'conflict key_used': 20,
  'session key_used': 300,
  'device check captured': 5,
  'device check authorized': 2,
  'device check requires_action': 5,
  'confirm done': 100,
  'confirm payment_method_unusable': 2,
  'a card is tried again': 10,
  'attach done': 30,
  'detach done': 10,
  'payment changed': 10,
  'challenge of a payment without a page': 5,
  'asked for nobody': 5,
  'hold ran out': 15,
  'pay too_late': 50,
  'charge requires_action': 50,
  'challenge passed': 20,
  'challenge failed': 5,
  'challenge left alone': 20,
  'another card instead of a challenge': 5,
  'refund amount_too_large': 20,
  'capture charge_unknown': 20,
  'took less than was ordered': 5,
  'took more than was ordered': 5,
  'strange twice, differing': 20,
  'notice kept': 500,
  'notice known': 100,
  'notice refused': 50,
}

/** What was met too rarely, in words. */
export function missing(marks: ReadonlyMap<string, number>, seeds: number): readonly string[] {
  return Object.entries(WANTED).flatMap(([name, perThousand]) => {
    const wanted = Math.floor((perThousand * seeds) / 1000)
    const met = marks.get(name) ?? 0
    return met < wanted ? [`${name}: ${met} of at least ${wanted}`] : []
  })
}
