import type { Static } from '@fastify/type-provider-typebox'
import { type Account, settingsOf } from '../../../core/account.ts'
import { accountTenant, isLive, nameOf, type Tenant } from '../../../core/ids.ts'
import type { AccountShape } from '../shapes/account.ts'
import { none, seconds } from './parts.ts'

export function renderAccount(account: Account, tenant: Tenant): Static<typeof AccountShape> {
  const { id, name, createdAt } = account
  const settings = settingsOf(account, tenant)
  return {
    id: nameOf('account', accountTenant(tenant), id),
    object: 'account',
    business_profile: {
      name,
      support_email: settings.supportEmail ?? null,
      support_url: settings.supportUrl ?? null,
      ...none(
        'mcc',
        'minority_owned_business_designation',
        'product_description',
        'specified_commercial_transactions_act_url',
        'support_address',
        'support_phone',
        'url',
      ),
    },
    // No live connector exists yet: a live charge would be refused.
    charges_enabled: !isLive(tenant),
    created: seconds(createdAt),
    details_submitted: true,
    email: settings.supportEmail ?? null,
    metadata: {},
    payouts_enabled: false,
    settings: {
      branding: none('icon', 'logo', 'primary_color', 'secondary_color'),
      card_payments: none(
        'statement_descriptor_prefix',
        'statement_descriptor_prefix_kana',
        'statement_descriptor_prefix_kanji',
      ),
      dashboard: { display_name: settings.displayName ?? name, timezone: 'Etc/UTC' },
      payments: {
        statement_descriptor: settings.statementDescriptor ?? null,
        ...none(
          'statement_descriptor_kana',
          'statement_descriptor_kanji',
          'statement_descriptor_prefix_kana',
          'statement_descriptor_prefix_kanji',
        ),
      },
    },
    type: 'standard',
  }
}
