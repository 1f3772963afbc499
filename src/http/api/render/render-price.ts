import type { Static } from '@fastify/type-provider-typebox'
import type { Price, Recurrence } from '../../../core/catalog.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import type { PriceShape } from '../shapes/catalog.ts'
import { none, seconds, wireAmount } from './parts.ts'

export function renderPrice(price: Price): Static<typeof PriceShape> {
  const { recurring } = price.document
  const unitAmount = wireAmount(price.unitAmount, price.currency)
  return {
    id: nameOf('price', price.tenant, price.id),
    object: 'price',
    active: price.active,
    billing_scheme: 'per_unit',
    created: seconds(price.createdAt),
    currency: price.currency.toLowerCase(),
    livemode: isLive(price.tenant),
    lookup_key: price.lookupKey,
    metadata: { ...price.document.metadata },
    nickname: price.document.nickname ?? null,
    product: nameOf('product', price.tenant, price.productId),
    tax_behavior: price.document.taxBehavior ?? 'unspecified',
    recurring: recurring ? renderRecurrence(recurring) : null,
    type: recurring ? 'recurring' : 'one_time',
    unit_amount: unitAmount,
    unit_amount_decimal: unitAmount.toString(),
    ...none('custom_unit_amount', 'tiers_mode', 'transform_quantity'),
  }
}

function renderRecurrence({ interval, intervalCount, trialPeriodDays }: Recurrence) {
  return {
    interval,
    interval_count: intervalCount,
    meter: null,
    trial_period_days: trialPeriodDays ?? null,
    usage_type: 'licensed' as const,
  }
}
