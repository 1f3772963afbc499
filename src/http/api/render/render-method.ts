import type { Static } from '@fastify/type-provider-typebox'
import { isLive, nameOf } from '../../../core/ids.ts'
import type { PaymentMethod } from '../../../core/payment-method.ts'
import type { MethodShape } from '../shapes/method.ts'
import { none, seconds, wireAddress } from './parts.ts'

export function renderMethod(method: PaymentMethod): Static<typeof MethodShape> {
  const { tenant, customerId, document } = method
  const { card, billing } = document
  return {
    id: nameOf('method', tenant, method.id),
    object: 'payment_method',
    allow_redisplay: 'unspecified',
    billing_details: {
      address: wireAddress(billing?.address),
      email: billing?.email ?? null,
      name: billing?.name ?? null,
      phone: billing?.phone ?? null,
      tax_id: null,
    },
    card: {
      brand: card.brand,
      display_brand: card.brand,
      exp_month: card.expMonth,
      exp_year: card.expYear,
      fingerprint: card.fingerprint,
      // What the issuer lends is not known of a number alone.
      funding: 'unknown',
      last4: card.last4,
      ...none('checks', 'country', 'generated_from', 'networks', 'regulated_status', 'three_d_secure_usage', 'wallet'),
    },
    created: seconds(method.createdAt),
    customer: customerId === null ? null : nameOf('customer', tenant, customerId),
    livemode: isLive(tenant),
    metadata: { ...document.metadata },
    type: 'card',
    ...none('customer_account'),
  }
}
