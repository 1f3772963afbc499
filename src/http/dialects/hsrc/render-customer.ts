import type { Customer } from '../../../core/catalog.ts'
import { nameOf } from '../../../core/ids.ts'
import type { PaymentMethod } from '../../../core/payment-method.ts'
import { accountId } from './render-charge.ts'

export function renderCustomer(customer: Customer) {
  const { tenant, document } = customer
  return {
    object: 'customer' as const,
    id: nameOf('customer', tenant, customer.id),
    account_id: accountId(tenant),
    name: customer.name,
    email: customer.email,
    phone: document.phone ?? null,
    metadata: { ...document.metadata },
    deleted: customer.deleted,
    created_at: customer.createdAt.toISOString(),
    updated_at: customer.createdAt.toISOString(),
  }
}

export function renderMethod({ tenant, id, document, createdAt, customerId }: PaymentMethod) {
  const { brand, last4, expMonth: month, expYear: year } = document.card
  return {
    object: 'payment_method' as const,
    id: nameOf('method', tenant, id),
    customer_id: customerId === null ? null : nameOf('customer', tenant, customerId),
    type: 'card',
    data: { brand, last4, month, year },
    created_at: createdAt.toISOString(),
  }
}
