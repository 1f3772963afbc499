import { accountTenant, otherMode, type Tenant } from '../core/ids.ts'
import { type Finding, INVARIANTS } from '../flows/verify/finding.ts'
import { type Verified, verify } from '../flows/verify/verify.ts'
import { chooseAccount } from './choose-account.ts'
import { type Command, failed, planned, told } from './command.ts'
import { renderTable } from './table.ts'

export const verifyAll: Command = {
  noun: 'verify',
  verb: '',
  about: "Recompute all money from the ledger, and compare it with what is stored and with the sandbox bank's books.",
  options: {
    account: { value: 'acct_…', about: 'one account alone, in both modes; all of them unless given' },
    'no-bank': { about: "leave the sandbox bank's books out" },
  },
  examples: ['', '--no-bank --json'],
  plan: ({ switches, values }, paint) =>
    planned(async (context, { books, bank, showProgress }) => {
      const name = values.get('account')
      const chosen = name === undefined ? undefined : await chooseAccount(context, name)
      if (chosen?.ok === false) return chosen
      const verifying = {
        env: context.env,
        books,
        bank: switches.has('no-bank') ? undefined : bank,
        onProgress: (checked: number, of: number) => showProgress(`Checked ${checked} of ${of} payments.`),
      }
      const verified = await verify(verifying, chosen && bothModes(chosen.account.tenant))
      if (!verified.ok) {
        return failed(
          `The sandbox bank ${verified.because}: start Opentill, which runs it, or leave its books out with --no-bank.`,
        )
      }
      const said = told(`${renderFindings(verified.findings, paint)}${summary(verified)}`, shown(verified))
      return verified.differences === 0 ? said : { ...said, exit: 1 }
    }),
}

function bothModes(tenant: Tenant): readonly Tenant[] {
  const live = accountTenant(tenant)
  return [live, otherMode(live)]
}

type Done = Extract<Verified, { ok: true }>

function renderFindings(findings: readonly Finding[], paint: Parameters<typeof renderTable>[2]): string {
  if (findings.length === 0) return ''
  const rows = findings.map(({ object, expected, found, invariant }) => [
    object,
    expected,
    found,
    INVARIANTS[invariant],
  ])
  return `${renderTable(['object', 'expected', 'found', 'but always'], rows, paint)}\n`
}

function summary({ payments, seconds, differences, undecided, findings }: Done): string {
  const counted = differences === 1 ? '1 difference' : `${differences === 0 ? 'no' : differences} differences`
  const first = findings.length < differences ? `, the first ${findings.length} of them above` : ''
  const open = undecided === 0 ? '' : `${undecided} charges have no outcome yet; the bank was not compared with them.\n`
  return `${open}Checked ${payments} payments in ${seconds.toFixed(1)} s: ${counted}${first}.\n`
}

const shown = ({ payments, charges, undecided, seconds, differences, findings }: Done) => ({
  payments,
  charges,
  undecided,
  seconds: Number(seconds.toFixed(3)),
  differences,
  findings,
})
