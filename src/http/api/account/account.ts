import type { Static, TSchema } from '@fastify/type-provider-typebox'
import { type Account, settingsOf } from '../../../core/account.ts'
import { isLive, type Tenant } from '../../../core/ids.ts'
import {
  LIST_SETTINGS,
  parseSettings,
  renderSettings,
  SETTING_NAMES,
  type SettingsFault,
} from '../../../core/settings-rules.ts'
import { changeSettings } from '../../../flows/change-settings.ts'
import { Refused } from '../../errors.ts'
import { expand, list, object, text, unsettable } from '../../parameters/fields.ts'
import { type Api, type ApiDeps, callerOf, callOf, found, missing } from '../api.ts'
import { expandAll } from '../expand.ts'
import { Named, Retrieve } from '../named.ts'
import { wireAmount } from '../render/parts.ts'
import { renderAccount } from '../render/render-account.ts'
import { AccountShape, BalanceShape, SettingsShape } from '../shapes/account.ts'

const CHANGES: { readonly [name: string]: TSchema } = Object.fromEntries(
  SETTING_NAMES.toSorted().map((name) => [
    name,
    unsettable(LIST_SETTINGS.includes(name) ? list(text(5000), 20) : text(5000)),
  ]),
)
const ChangeSettings = object(CHANGES)

export function registerAccount(api: Api, deps: ApiDeps): void {
  const { storage } = deps
  const readAccount = async (tenant: Tenant) => found(await storage.findAccount(tenant), 'account', '')

  api.get('/account', { schema: { querystring: Retrieve, response: { 200: AccountShape } } }, async (request) => {
    const { tenant } = callerOf(request)
    const account = renderAccount(await readAccount(tenant), tenant)
    await expandAll(deps, tenant, 'account', [account], request.query.expand)
    return account
  })

  const one = { schema: { params: Named, querystring: Retrieve, response: { 200: AccountShape } } }
  api.get('/accounts/:id', one, async (request) => {
    const { tenant } = callerOf(request)
    const account = renderAccount(await readAccount(tenant), tenant)
    if (account.id !== request.params.id) throw missing('account', request.params.id)
    return account
  })

  const settings = { 200: SettingsShape }
  api.get('/account/settings', { schema: { querystring: object({}), response: settings } }, async (request) => {
    const { tenant } = callerOf(request)
    return wireSettings(await readAccount(tenant), tenant)
  })

  api.post('/account/settings', { schema: { body: ChangeSettings, response: settings } }, async (request) => {
    const { tenant } = callerOf(request)
    const parsed = parseSettings(request.body)
    if (!parsed.ok) throw refusedSetting(parsed.faults)
    const changed = await changeSettings(deps, tenant, parsed.changes, callOf(request, 'account'))
    if (changed.ok) return wireSettings(changed.account, tenant)
    throw changed.because === 'refused' ? refusedSetting(changed.faults) : new Refused({ code: 'stale' })
  })

  const balance = { schema: { querystring: object({ expand: expand() }), response: { 200: BalanceShape } } }
  api.get('/balance', balance, async (request) => {
    const { tenant } = callerOf(request)
    const owed = (await storage.readBalances(tenant)).filter(({ account }) => account === 'receivable')
    const money = (currency: string, amount: number) => ({
      amount,
      currency: currency.toLowerCase(),
      source_types: { card: amount },
    })
    return {
      object: 'balance' as const,
      // What shoppers paid is owed to the merchant by the provider; when it pays out is the provider's to say.
      available: owed.map(({ currency }) => money(currency, 0)),
      livemode: isLive(tenant),
      pending: owed.map(({ currency, amount }) => money(currency, wireAmount(amount, currency))),
    }
  })
}

function refusedSetting([fault]: readonly SettingsFault[]): Refused {
  const { field = '', message = '' } = fault ?? {}
  return new Refused({ code: 'parameter_invalid_string', param: field, detail: message })
}

function wireSettings(account: Account, tenant: Tenant): Static<typeof SettingsShape> {
  const rendered = Object.entries(renderSettings(settingsOf(account, tenant)))
  const wire = rendered.map(([name, value]) => [name, value ?? (LIST_SETTINGS.includes(name) ? [] : null)])
  return { object: 'account_settings', livemode: isLive(tenant), ...Object.fromEntries(wire) }
}
