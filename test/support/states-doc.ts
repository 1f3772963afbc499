import { CHARGE_MACHINE, LIVE_CHARGE_STATES } from '../../src/core/charge-machine.ts'
import { DISPUTE_MACHINE } from '../../src/core/dispute-machine.ts'
import { edgesOf, type Machine, statesOf } from '../../src/core/machine.ts'
import { PAYMENT_FOR_CHARGE } from '../../src/core/payment-machine.ts'
import { REFUND_MACHINE, RESERVING_REFUND_STATES } from '../../src/core/refund-machine.ts'
import type { Door } from '../../src/core/session.ts'
import { SESSION_MACHINE, screenFor } from '../../src/core/session-machine.ts'

/** A session's state with the money beside it, under each door's name for it (design, section 2). */
export const SHOWN: readonly (readonly [inside: string, shown: Readonly<Record<Door, string>>])[] = [
  ['open', row('open', 'open', 'pending', 'open', 'PENDING', 'Unused')],
  ['processing', row('open', 'processing', 'pending', 'open', 'PROCESSING', 'Unused')],
  ['complete, paid', row('complete', 'completed', 'completed', 'completed', 'COMPLETED', 'Used')],
  ['complete, unpaid', row('complete', 'processing', 'pending', 'open', 'PROCESSING', 'Unused')],
  ['expired', row('expired', 'expired', 'expired', 'expired', 'EXPIRED', 'Deleted')],
  ['canceled', row('expired', 'canceled', 'cancelled', 'expired', 'CANCELLED', 'Cancelled')],
  ['failed', row('expired', 'canceled', 'failed', 'expired', 'FAILED', 'Cancelled')],
]

/** `docs/states.md`, written from the machines: a test compares the two. */
export function statesMarkdown(): string {
  return [
    '# States',
    '',
    'Written from the tables in `src/core`; `node test/support/states-doc.ts > docs/states.md` writes it again.',
    '',
    '## Session',
    '',
    ...graphOf(SESSION_MACHINE),
    ...tableOf(SESSION_MACHINE),
    '## Charge',
    '',
    `At most one charge of a payment is live: ${LIVE_CHARGE_STATES.map(code).join(', ')}.`,
    '',
    ...graphOf(CHARGE_MACHINE),
    ...tableOf(CHARGE_MACHINE),
    '## Refund',
    '',
    `An accepted refund counts at once; while it is ${RESERVING_REFUND_STATES.map(code).join(', ')} nobody else has its money.`,
    '',
    ...graphOf(REFUND_MACHINE),
    ...tableOf(REFUND_MACHINE),
    '## Dispute',
    '',
    'An inquiry moves no money. A chargeback has the money from the moment it is heard of until it is won. Both are ' +
      'observed, and never refused; what contradicts a decision is kept with the dispute.',
    '',
    ...graphOf(DISPUTE_MACHINE),
    ...tableOf(DISPUTE_MACHINE),
    '## Payment',
    '',
    'A payment follows its latest charge; before the first it is `requires_payment_method`. While a capture or a void of it ' +
      'is in doubt it is `processing`, and so it is while a demand of the issuer is declined for a shop that said that ' +
      'nobody can act (`error_on_requires_action`), and while money that nobody wanted is not yet on its way back.',
    '',
    ...table(
      ['Charge', 'Payment'],
      Object.entries(PAYMENT_FOR_CHARGE).map((cells) => cells.map(code)),
    ),
    '## How long doubt lasts',
    '',
    'Nothing is undecided for ever. An order without an outcome is asked about after 2, 5, 10, 30 and 60 seconds, 5 and ' +
      '15 minutes and an hour, then hourly to 72 hours and daily to 30 days.',
    '',
    ...table(['What waits', 'What ends it', 'At the latest'], BOUNDS),
    '## What the page shows',
    '',
    ...table(['Session', 'Also', 'Screen'], screens()),
    '## What each door shows',
    '',
    ...table(
      ['Inside', ...Object.keys(SHOWN[0]?.[1] ?? {})],
      SHOWN.map(([inside, shown]) => [inside, ...Object.values(shown)]),
    ),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n')
}

const code = (word: string): string => `\`${word}\``

function row(...[native, opencheckout, ozura, bpc, hsrc, secpaid]: [string, string, string, string, string, string]) {
  return { native, opencheckout, ozura, bpc, hsrc, secpaid }
}

function graphOf(machine: Machine<string, string>): readonly string[] {
  const edges = edgesOf(machine).map(([from, event, to]) => `  ${from} --> ${to}: ${event}`)
  return ['```mermaid', 'stateDiagram-v2', `  [*] --> ${statesOf(machine)[0]}`, ...edges, '```', '']
}

/** Every state and event: `=` changes nothing, `!` contradicts what is known, `-` is refused. */
function tableOf(machine: Machine<string, string>): readonly string[] {
  const states = statesOf(machine)
  const events = Object.keys(machine[states[0] ?? ''] ?? {})
  return [
    'Every state and event: `=` changes nothing, `!` contradicts what is known, `-` is refused.',
    '',
    ...table(
      ['', ...events.map(code)],
      states.map((state) => [code(state), ...events.map((event) => machine[state]?.[event] ?? '')]),
    ),
  ]
}

const BOUNDS: readonly (readonly string[])[] = [
  [
    'charge `intent`, `unknown`, `pending`',
    "the bank's answer; `failed` when it has no record twice, a minute apart and after its horizon",
    '`needs_review` after 30 days, also when the bank says all that time that it is at work',
  ],
  [
    'charge `requires_action`',
    'the shopper, or after 15 minutes a void',
    'the void is tried again at growing pauses; `needs_review` after 30 days',
  ],
  [
    'charge `authorized`',
    'a capture, a void, or its end',
    'asked about when it may have run out, and daily from then on',
  ],
  [
    'charge `surplus`',
    'its void or refund, which is ordered with it; only then the payment can be made again',
    'after three refusals a person must look; the bank is asked for 30 days',
  ],
  ['charge `failed` for want of a record', 'late success, which becomes `surplus`', 'watched for 30 days'],
  [
    'an answer with an amount or a currency that no order of ours explains',
    'the same answer at least ten seconds later, which makes it a fact; a plain one, and it is forgotten',
    'counts as no answer until then; asked again after ten seconds and at growing pauses, for 30 days',
  ],
  [
    'a dispute that is not over',
    'the shop’s evidence or acceptance, and the issuer’s decision',
    'asked about hourly at first and daily from then on, for 540 days',
  ],
  [
    'capture, void, refund or answer to a dispute without an outcome',
    "the bank's answer",
    '`needs_review` after 30 days',
  ],
  ['refund `pending`', "the bank's answer", '`needs_review` after 30 days; nobody else has its money'],
  [
    '`needs_review`',
    'evidence, whenever it comes',
    'a person: the API shows `outcome.type` `manual_review`, and a payment that is `processing`',
  ],
  ['session `processing`', 'its charge, and the way back of money that nobody wanted', 'with them'],
]

function screens(): readonly (readonly string[])[] {
  const facts = { closedBy: null, charge: null, givenUp: false, pastExpiry: false, ownAttempt: false } as const
  return [
    ['open', 'in its time', screenFor({ ...facts, state: 'open' })],
    ['open', 'its time is over', screenFor({ ...facts, state: 'open', pastExpiry: true })],
    ['processing', 'this window paid', screenFor({ ...facts, state: 'processing', ownAttempt: true })],
    ['processing', 'another window paid', screenFor({ ...facts, state: 'processing' })],
    [
      'processing',
      'the issuer asks the shopper',
      screenFor({ ...facts, state: 'processing', charge: 'requires_action' }),
    ],
    ['processing', 'the outcome is in doubt', screenFor({ ...facts, state: 'processing', charge: 'unknown' })],
    [
      'processing',
      'the shopper wants another card, and the bank has not let go',
      screenFor({ ...facts, state: 'processing', charge: 'requires_action', givenUp: true }),
    ],
    [
      'processing',
      'what nobody wanted came all the same, and is not yet back',
      screenFor({ ...facts, state: 'processing', charge: 'surplus' }),
    ],
    ['complete', '', screenFor({ ...facts, state: 'complete' })],
    ['expired', 'by time', screenFor({ ...facts, state: 'expired', closedBy: 'time' })],
    ['expired', 'by the shop', screenFor({ ...facts, state: 'expired', closedBy: 'merchant' })],
    ['canceled', 'by the shopper', screenFor({ ...facts, state: 'canceled', closedBy: 'shopper' })],
    ['failed', '', screenFor({ ...facts, state: 'failed' })],
  ].map(([state = '', also = '', screen = '']) => [code(state), also, code(screen)])
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '-')), ...rows.map(line), '']
}

if (import.meta.main) process.stdout.write(statesMarkdown())
