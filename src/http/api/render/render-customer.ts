import type { Static } from '@fastify/type-provider-typebox'
import type { Customer } from '../../../core/catalog.ts'
import { isLive, nameOf } from '../../../core/ids.ts'
import type { CustomerShape } from '../shapes/catalog.ts'
import { none, seconds, wireAddress, wireShipping } from './parts.ts'

export function renderCustomer(customer: Customer): Static<typeof CustomerShape> {
  const { document } = customer
  return {
    id: nameOf('customer', customer.tenant, customer.id),
    object: 'customer',
    address: document.address ? wireAddress(document.address) : null,
    balance: 0,
    created: seconds(customer.createdAt),
    delinquent: false,
    description: document.description ?? null,
    email: customer.email,
    invoice_prefix: document.invoicePrefix ?? null,
    invoice_settings: none('custom_fields', 'default_payment_method', 'footer', 'rendering_options'),
    livemode: isLive(customer.tenant),
    metadata: { ...document.metadata },
    name: customer.name,
    next_invoice_sequence: 1,
    phone: document.phone ?? null,
    preferred_locales: [...(document.preferredLocales ?? [])],
    shipping: wireShipping(document.shipping),
    tax_exempt: document.taxExempt ?? 'none',
    ...none('currency', 'customer_account', 'default_source', 'discount', 'test_clock'),
  }
}

/** A deleted customer keeps its name on what it paid for, and nothing else. */
export function renderDeleted(kind: 'customer' | 'product' | 'webhook_endpoint', id: string) {
  return { id, object: kind, deleted: true as const }
}
