import type { Faults } from './faults.ts'
import type { Provider } from './provider.ts'
import type { Server } from './server.ts'
import type { Database } from './storage-port.ts'
import type { World } from './world.ts'

const BY_MS = 230_000
/** Nobody is there for longer than any provider takes for an order. */
const OUTAGE_MS = 16 * 60_000

/** What strikes at a time of its own: deaths, stalls, wrong clocks, a database that is away, a provider that says nothing. */
export function brew(
  world: World,
  faults: Faults,
  { database, provider, servers }: { database: Database; provider: Provider; servers: readonly Server[] },
): void {
  const draw = world.random('weather')
  const anytime = (times: number, strike: () => void): void => {
    for (let time = 0; time < times; time++) {
      world.after(draw.between(2_000, BY_MS), () => {
        if (!faults.over()) strike()
      })
    }
  }
  anytime(draw.between(1, 5), () => {
    if (faults.hits('crash')) draw.pick(servers).crash(draw.between(200, 15_000))
  })
  anytime(1, () => {
    if (!faults.hits('crash_loop')) return
    const server = draw.pick(servers)
    for (let crash = 0; crash < 5; crash++) world.after(crash * 1_500, () => server.crash(draw.between(100, 1_400)))
  })
  anytime(1, () => {
    if (!faults.hits('outage')) return
    for (const server of servers) server.crash(draw.between(OUTAGE_MS, 1.3 * OUTAGE_MS))
  })
  anytime(draw.between(1, 2), () => {
    // Longer than any lease: whoever comes back finds that others went on.
    if (faults.hits('long_pause')) draw.pick(servers).pause(draw.between(20_000, 110_000))
  })
  anytime(draw.between(1, 3), () => {
    if (!faults.hits('clock_step')) return
    const server = draw.pick(servers)
    server.stepClock(draw.between(-5_000, 5_000))
    // The next reading of the database's clock puts it right.
    world.after(draw.between(5_000, 60_000), () => server.stepClock(0))
  })
  anytime(draw.between(1, 3), () => {
    if (faults.hits('provider_silent')) provider.silentUntilMs = world.nowMs() + draw.between(30_000, 200_000)
  })
  anytime(draw.between(1, 2), () => {
    if (faults.hits('database_down')) database.downUntilMs = world.nowMs() + draw.between(500, 8_000)
  })
}
