import { Type } from '@fastify/type-provider-typebox'
import { LIST_SETTINGS, SETTING_NAMES } from '../../../core/settings-rules.ts'
import { B, I, metadata, nulls, object, orNull, S } from './words.ts'

export const AccountShape = object({
  id: S,
  object: Type.Literal('account'),
  business_profile: object({
    name: orNull(S),
    support_email: orNull(S),
    support_url: orNull(S),
    ...nulls(
      'mcc',
      'minority_owned_business_designation',
      'product_description',
      'specified_commercial_transactions_act_url',
      'support_address',
      'support_phone',
      'url',
    ),
  }),
  charges_enabled: B,
  created: I,
  details_submitted: B,
  email: orNull(S),
  metadata: metadata(),
  payouts_enabled: B,
  settings: object({
    branding: object(nulls('icon', 'logo', 'primary_color', 'secondary_color')),
    card_payments: object(
      nulls('statement_descriptor_prefix', 'statement_descriptor_prefix_kana', 'statement_descriptor_prefix_kanji'),
    ),
    dashboard: object({ display_name: S, timezone: S }),
    payments: object({
      statement_descriptor: orNull(S),
      ...nulls(
        'statement_descriptor_kana',
        'statement_descriptor_kanji',
        'statement_descriptor_prefix_kana',
        'statement_descriptor_prefix_kanji',
      ),
    }),
  }),
  type: Type.Literal('standard'),
})

/** Ours, beside Stripe's account: the choices that the command line and the dashboard change as well. */
export const SettingsShape = object({
  object: Type.Literal('account_settings'),
  livemode: B,
  ...Object.fromEntries(
    SETTING_NAMES.toSorted().map((name) => [name, LIST_SETTINGS.includes(name) ? Type.Array(S) : orNull(S)]),
  ),
})

const money = object({ amount: I, currency: S, source_types: object({ card: I }) })
export const BalanceShape = object({
  object: Type.Literal('balance'),
  available: Type.Array(money),
  livemode: B,
  pending: Type.Array(money),
})
