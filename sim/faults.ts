import type { World } from './world.ts'

/** What can go wrong, and how often each time that it could, in a stormy world (reliability.md, section 3.2). */
export const FAULTS = {
  // Between us and a provider.
  request_lost: 0.08,
  response_lost: 0.1,
  reset_before_first_byte: 0.05,
  reset_after_first_byte: 0.05,
  slow_beyond_timeout: 0.08,
  slow_beyond_horizon: 0.05,
  duplicate_delivery: 0.1,
  reordered: 0.15,
  provider_5xx: 0.06,
  provider_429: 0.05,
  provider_silent: 0.5,
  malformed_answer: 0.05,
  contradictory_answer: 0.03,
  liar: 0.04,
  captured_otherwise: 0.15,
  forgotten_keys: 1,
  stuck_refund: 1,
  refund_elsewhere: 0.1,
  // Our own processes.
  crash: 1,
  crash_loop: 1,
  outage: 0.15,
  long_pause: 1,
  clock_step: 1,
  // The database.
  ack_lost: 0.03,
  tx_abort: 0.03,
  database_down: 1,
  slow_database: 0.01,
  // Shops' endpoints.
  endpoint_5xx: 0.15,
  endpoint_410: 0.05,
  endpoint_3xx: 0.05,
  endpoint_slow: 0.08,
  endpoint_answer_lost: 0.08,
  // Whoever calls us.
  client_request_lost: 0.06,
  client_response_lost: 0.08,
  double_click: 0.3,
  operator_race: 0.5,
  key_reused: 0.15,
  // What the provider tells us by itself.
  hook_lost: 0.2,
  hook_doubled: 0.3,
  hook_late: 0.2,
  hook_forged: 0.2,
  hook_held_back: 0.1,
  hook_answer_lost: 0.2,
  // A proxy before us sends a request to every machine of ours at one moment.
  client_request_doubled: 0.08,
  // A cardholder complains, and the issuer takes the money back.
  chargeback: 0.5,
} as const
export type Fault = keyof typeof FAULTS
export const FAULT_KINDS = Object.keys(FAULTS) as readonly Fault[]

export type Profile = 'calm' | 'stormy' | 'crashy'
export const PROFILES: readonly Profile[] = ['calm', 'stormy', 'crashy']

const CRASHES: readonly Fault[] = [
  'crash',
  'crash_loop',
  'outage',
  'long_pause',
  'ack_lost',
  'tx_abort',
  'database_down',
  'clock_step',
]
/** People race, and complain, in any weather. */
const ALWAYS: readonly Fault[] = ['double_click', 'operator_race', 'key_reused', 'chargeback']

export type Faults = {
  readonly enabled: ReadonlySet<Fault>
  /** Whether this one strikes now, at this chance. */
  hits(fault: Fault): boolean
  /** From here on nothing goes wrong any more. */
  end(): void
  over(): boolean
}

/**
 * Swarm testing (Groce et al., 2012): each seed has a random half of the faults, so that rare ones are not drowned by
 * frequent ones.
 * @param without what a shorter story of a failure leaves out
 */
export function makeFaults(world: World, profile: Profile, without: ReadonlySet<Fault>): Faults {
  const draw = world.random('faults')
  const enabled = new Set<Fault>()
  for (const fault of FAULT_KINDS) {
    const share =
      profile === 'calm'
        ? ALWAYS.includes(fault)
          ? 1
          : 0
        : CRASHES.includes(fault) && profile === 'crashy'
          ? 0.9
          : 0.5
    if (draw.chance(share) && !without.has(fault)) enabled.add(fault)
  }
  const streams = new Map(FAULT_KINDS.map((fault) => [fault, world.random(`fault ${fault}`)]))
  let over = false
  return {
    enabled,
    hits(fault) {
      if (over || !enabled.has(fault) || !streams.get(fault)?.chance(FAULTS[fault])) return false
      world.mark(`fault ${fault}`)
      return true
    },
    end: () => {
      over = true
    },
    over: () => over,
  }
}
