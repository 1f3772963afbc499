import { type Account, settingsOf } from '../core/account.ts'
import { isLive, otherMode, type Tenant } from '../core/ids.ts'
import {
  holdsSecret,
  LIST_SETTINGS,
  parseSettings,
  renderSettings,
  SETTING_NAMES,
  type SettingsFault,
  unknownSetting,
} from '../core/settings-rules.ts'
import { changeSettings } from '../flows/change-settings.ts'
import { accountName, chooseAccount } from './choose-account.ts'
import { ACCOUNT_OPTION, type Command, failed, type Paint, planned, type Refusal, told, wrongUsage } from './command.ts'
import { quote } from './quote.ts'
import { renderTable } from './table.ts'

type Rendered = ReturnType<typeof renderSettings>

const OPTIONS = { ...ACCOUNT_OPTION, live: { about: 'the settings of live mode, where real money moves' } }

export const settingsGet: Command = {
  noun: 'settings',
  verb: 'get',
  about: "Show an account's settings for test mode unless you ask for live, or the bare value of one.",
  options: OPTIONS,
  operands: { shown: '[name]', least: 0, most: 1 },
  examples: ['', 'statement_descriptor --live --account acct_…'],
  plan({ operands: [name], switches, values }, paint) {
    if (name !== undefined && !SETTING_NAMES.includes(name)) return wrongUsage(sentenceOf(unknownSetting(name)))
    return planned(async (context) => {
      const chosen = await chooseAccount(context, values.get('account'))
      if (!chosen.ok) return chosen
      const tenant = tenantOf(chosen.account, switches)
      const settings = renderSettings(settingsOf(chosen.account, tenant))
      if (name === undefined)
        return told(
          `The ${headOf(chosen.account, tenant, paint)}:\n\n${tableOf(settings, SETTING_NAMES, paint)}`,
          settings,
        )
      const value = settings[name] ?? null
      const lines = value === null ? [] : typeof value === 'string' ? [value] : value
      return told(lines.map((line) => `${line}\n`).join(''), value)
    })
  },
}

export const settingsSet: Command = {
  noun: 'settings',
  verb: 'set',
  about: 'Change settings, for test mode unless you ask for live; name= unsets one, a list has commas.',
  options: OPTIONS,
  operands: { shown: '<name=value>…', least: 1, most: 100 },
  examples: [
    'display_name="Book shop" statement_descriptor="BOOK SHOP"',
    'return_url_origins=https://shop.example,https://www.shop.example terms_url=',
  ],
  plan({ operands, switches, values }, paint) {
    const { input, faults } = readAssignments(operands)
    const parsed = parseSettings(Object.fromEntries(input))
    if (faults.length > 0 || !parsed.ok) return refused([...faults, ...(parsed.ok ? [] : parsed.faults)])
    return planned(async (context, { openSealer }) => {
      const chosen = await chooseAccount(context, values.get('account'))
      if (!chosen.ok) return chosen
      const tenant = tenantOf(chosen.account, switches)
      const sealing = holdsSecret(parsed.changes) ? { sealer: await openSealer() } : {}
      const changed = await changeSettings({ ...context, ...sealing }, tenant, parsed.changes)
      if (changed.ok) {
        const settings = renderSettings(settingsOf(changed.account, tenant))
        const changedNames = SETTING_NAMES.filter((name) => input.has(name))
        const head = `Changed the ${headOf(changed.account, tenant, paint)}.\n\n`
        return told(head + tableOf(settings, changedNames, paint), settings)
      }
      if (changed.because === 'refused') return refused(changed.faults)
      return failed('Others kept changing this account at the same time; nothing was changed. Try again.')
    })
  },
}

const tenantOf = ({ tenant }: Account, switches: ReadonlySet<string>): Tenant =>
  switches.has('live') ? tenant : otherMode(tenant)

/** Whose settings, of which mode. */
function headOf(account: Account, tenant: Tenant, { live }: Paint): string {
  const mode = isLive(tenant) ? live('live') : 'test'
  return `${mode} settings of ${accountName(account)} (${account.name})`
}

type Assignments = {
  readonly input: ReadonlyMap<string, string | readonly string[]>
  readonly faults: readonly SettingsFault[]
}

/** Only the form of an assignment is judged here; what a value must be, the account's own rules say. */
function readAssignments(operands: readonly string[]): Assignments {
  const input = new Map<string, string | readonly string[]>()
  const faults: SettingsFault[] = []
  for (const operand of operands) {
    const equals = operand.indexOf('=')
    const name = equals < 0 ? operand : operand.slice(0, equals)
    const value = operand.slice(equals + 1)
    const before = input.get(name)
    if (equals < 1) faults.push({ field: operand, message: 'is no assignment; write name=value, or name= to unset' })
    else if (LIST_SETTINGS.includes(name))
      input.set(name, [...(before ?? []), ...(value === '' ? [] : value.split(','))])
    else if (before !== undefined) faults.push({ field: name, message: 'is given twice' })
    else input.set(name, value)
  }
  return { input, faults }
}

function tableOf(settings: Rendered, names: readonly string[], paint: Paint): string {
  const rows = names.map((name) => {
    const value = settings[name] ?? null
    return [name, value === null ? paint.faint('-') : typeof value === 'string' ? value : value.join(', ')]
  })
  return renderTable(['name', 'value'], rows, paint)
}

function refused(faults: readonly SettingsFault[]): Refusal {
  return wrongUsage(`Nothing was changed.\n${faults.map((fault) => `  ${sentenceOf(fault)}`).join('\n')}`)
}

/** A name of ours is printed as it is; what somebody typed instead may be anything. */
function sentenceOf({ field, message }: SettingsFault): string {
  const ours = SETTING_NAMES.includes(field.replace(/\[\d+\]$/, ''))
  return `${ours ? field : quote(field)} ${message}${message.endsWith('?') ? '' : '.'}`
}
