import { nameOf, otherMode, parseName, type Tenant } from '../core/ids.ts'
import { sayMoney } from '../core/money.ts'
import type { Refund } from '../core/refund.ts'
import { approveRefund, type Deciding, rejectRefund } from '../flows/approve-refund.ts'
import type { Call } from '../flows/call.ts'
import type { Refusal as FlowRefusal } from '../flows/refusals.ts'
import { chooseAccount } from './choose-account.ts'
import { ACCOUNT_OPTION, type Command, failed, notFound, planned, type Refusal, told } from './command.ts'
import { quote } from './quote.ts'
import { renderMoment, renderTable, unixSeconds } from './table.ts'

const MOST_LISTED = 100
const OPERAND = { shown: '<refund id>', least: 1, most: 1 } as const

export const refundsList: Command = {
  noun: 'refunds',
  verb: 'list',
  about: `List refunds of test mode that wait for approval, or with --live those of live mode, newest first.`,
  options: { ...ACCOUNT_OPTION, live: { about: 'those of live mode' } },
  examples: ['', '--live --json'],
  plan: ({ switches, values }, paint) =>
    planned(async (context) => {
      const chosen = await chooseAccount(context, values.get('account'))
      if (!chosen.ok) return chosen
      const live = chosen.account.tenant
      const tenant = switches.has('live') ? live : otherMode(live)
      const { items } = await context.storage.listRefunds(tenant, { limit: MOST_LISTED }, { waiting: true })
      const rows = items.map((refund) => [
        refundName(refund),
        sayMoney(refund.amount, refund.currency),
        nameOf('payment', refund.tenant, refund.paymentId),
        renderMoment(refund.createdAt),
      ])
      return told(renderTable(['id', 'amount', 'payment', 'asked for'], rows, paint), items.map(shown))
    }),
}

export const refundsApprove: Command = {
  noun: 'refunds',
  verb: 'approve',
  about: 'Let a refund leave that waits for approval. A running server sends it to the provider within seconds.',
  options: {},
  operands: OPERAND,
  examples: ['re_…', 're_… --json'],
  plan: ({ operands: [name = ''] }) =>
    planned(async (context, { connectors }) => {
      const approved = await settled({ ...context, connectors }, name, approveRefund)
      if (!approved.ok) return refusedBy(approved.refusal, name)
      const refund = await refundOf(context, name)
      return told(`Approved ${name}.\n`, refund ? shown(refund) : null)
    }),
}

export const refundsReject: Command = {
  noun: 'refunds',
  verb: 'reject',
  about: 'Take back a refund that waits for approval. What was reserved for it is free again.',
  options: {},
  operands: OPERAND,
  examples: ['re_…', 're_… --json'],
  plan: ({ operands: [name = ''] }) =>
    planned(async (context, { connectors }) => {
      const rejected = await settled({ ...context, connectors }, name, rejectRefund)
      if (!rejected.ok) return refusedBy(rejected.refusal, name)
      const refund = await refundOf(context, name)
      return told(`Rejected ${name}.\n`, refund ? shown(refund) : null)
    }),
}

/** The refund of that name, of whichever account and mode: the name says both. */
async function settled<T>(
  deciding: Deciding,
  name: string,
  decide: (deciding: Deciding, call: Call, id: Refund['id']) => Promise<T>,
): Promise<T | { readonly ok: false; readonly refusal: FlowRefusal }> {
  const parsed = parseName('refund', name)
  if (!parsed) return { ok: false, refusal: { code: 'resource_missing' } }
  return decide(deciding, operatorOf(parsed.tenant, parsed.id), parsed.id)
}

async function refundOf({ storage }: Pick<Deciding, 'storage'>, name: string): Promise<Refund | undefined> {
  const parsed = parseName('refund', name)
  return parsed && storage.findRefund(parsed.tenant, parsed.id)
}

/** Whoever runs the installation: there is no request behind it, and nothing that is repeated. */
const operatorOf = (tenant: Tenant, id: Refund['id']): Call => ({
  caller: { tenant, keyId: id, kind: 'secret', door: 'native' },
  requestId: 'cli',
  key: null,
})

const refundName = ({ tenant, id }: Refund): string => nameOf('refund', tenant, id)

function shown(refund: Refund) {
  return {
    id: refundName(refund),
    payment: nameOf('payment', refund.tenant, refund.paymentId),
    amount: Number(refund.amount),
    currency: refund.currency,
    state: refund.state,
    approval: refund.approval ?? null,
    created: unixSeconds(refund.createdAt),
  }
}

function refusedBy({ code, detail }: FlowRefusal, name: string): Refusal {
  if (code === 'resource_missing') {
    return notFound(`There is no refund ${quote(name)}. opentill refunds list shows those that wait.`)
  }
  if (code === 'refund_not_waiting') return failed(`The refund ${name} does not wait for approval: ${detail}.`)
  if (code === 'charge_disputed') {
    return failed(`The issuer has taken money of the payment back, so there is not enough left for ${name}.`)
  }
  return failed(`The refund ${name} stays as it is (${code}${detail === undefined ? '' : `: ${detail}`}).`)
}
