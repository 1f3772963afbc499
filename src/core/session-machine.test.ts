import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CHARGE_MACHINE } from './charge-machine.ts'
import { statesOf } from './machine.ts'
import { type ClosedBy, type ScreenFacts, type ScreenName, SESSION_MACHINE, screenFor } from './session-machine.ts'

const CLOSERS: readonly (ClosedBy | null)[] = [null, 'time', 'merchant', 'shopper']
const ALL: readonly ScreenFacts[] = statesOf(SESSION_MACHINE).flatMap((state) =>
  CLOSERS.flatMap((closedBy) =>
    [null, ...statesOf(CHARGE_MACHINE)].flatMap((charge) =>
      [false, true].flatMap((pastExpiry) =>
        [false, true].flatMap((ownAttempt) =>
          [false, true].map((givenUp) => ({ state, closedBy, charge, pastExpiry, ownAttempt, givenUp })),
        ),
      ),
    ),
  ),
)
/** The rules of the page's specification as conditions: of every combination exactly one must hold. */
const RULES: Readonly<Record<ScreenName, (facts: ScreenFacts) => boolean>> = {
  form: ({ state, pastExpiry }) => state === 'open' && !pastExpiry,
  confirming: (facts) => facts.state === 'processing' && inDoubt(facts),
  challenge: (facts) => facts.state === 'processing' && !inDoubt(facts) && facts.charge === 'requires_action',
  processing: (facts) => facts.state === 'processing' && isUnderWay(facts) && facts.ownAttempt,
  in_progress_elsewhere: (facts) => facts.state === 'processing' && isUnderWay(facts) && !facts.ownAttempt,
  success: ({ state }) => state === 'complete',
  failure: ({ state }) => state === 'failed',
  canceled_by_shopper: ({ state, closedBy }) => state === 'canceled' && closedBy === 'shopper',
  closed_by_merchant: ({ state, closedBy }) =>
    (state === 'canceled' && closedBy !== 'shopper') || (state === 'expired' && closedBy === 'merchant'),
  expired: ({ state, closedBy, pastExpiry }) =>
    (state === 'expired' && closedBy !== 'merchant') || (state === 'open' && pastExpiry),
}
const isUnderWay = (facts: ScreenFacts): boolean => !inDoubt(facts) && facts.charge !== 'requires_action'
const inDoubt = ({ charge, givenUp }: ScreenFacts): boolean =>
  givenUp || charge === 'unknown' || charge === 'needs_review' || charge === 'surplus'

test(`each of the ${ALL.length} situations shows the one screen whose rule holds`, () => {
  const shown = new Set<string>()
  for (const facts of ALL) {
    const holding = Object.entries(RULES).filter(([, holds]) => holds(facts))
    assert.deepEqual(
      holding.map(([name]) => name),
      [screenFor(facts)],
      JSON.stringify(facts),
    )
    shown.add(screenFor(facts))
  }
  assert.deepEqual([...shown].sort(), Object.keys(RULES).sort(), 'every screen can be seen')
})

test('nothing is offered for payment but by an open session in its time', () => {
  for (const facts of ALL) {
    if (screenFor(facts) === 'form') assert.ok(facts.state === 'open' && !facts.pastExpiry)
  }
})

test('no screen says paid before the session is complete, and none says failed while money may have moved', () => {
  for (const facts of ALL) {
    const screen = screenFor(facts)
    assert.equal(screen === 'success', facts.state === 'complete')
    if (facts.state === 'processing') assert.notEqual(screen, 'failure')
  }
})
