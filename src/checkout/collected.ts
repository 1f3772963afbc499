import type { Address, Collected, Session } from '../core/session.ts'
import type { FieldValues, FormFields } from './model.ts'

/** Which questions this session's form asks. What the shop passed, or the shopper gave at an earlier try, is not asked again. */
export function formFieldsOf(session: Session, asksPostalCode: boolean): FormFields {
  const { document } = session
  const known = document.collected
  const full = document.billingAddressCollection === 'required'
  return {
    email: document.customerEmail === undefined && known?.email === undefined,
    phone: document.phoneNumberCollection === true && known?.phone === undefined,
    billing: known?.billing ? 'none' : full ? 'full' : asksPostalCode ? 'postcode' : 'none',
    ...(document.shippingCountries && !known?.shipping ? { shippingCountries: document.shippingCountries } : {}),
    custom: known?.customFields
      ? []
      : (document.customFields ?? []).map(({ key, label, type, optional, options, ...limits }) => ({
          key,
          label,
          optional,
          ...(limits.defaultValue === undefined ? {} : { defaultValue: limits.defaultValue }),
          ...(type === 'dropdown'
            ? { type, options: options ?? [] }
            : {
                type,
                ...(limits.minimumLength === undefined ? {} : { minimumLength: limits.minimumLength }),
                ...(limits.maximumLength === undefined ? {} : { maximumLength: limits.maximumLength }),
              }),
        })),
  }
}

/** What the form brought, as the session keeps it. */
export function collectedFrom(session: Session, fields: FormFields, values: FieldValues): Collected {
  const billing = fields.billing === 'none' ? undefined : addressFrom('billing', values)
  const custom = fields.custom.map(({ key }) => [key, values[`customFields[${key}]`] ?? ''] as const)
  const email = values.email ?? session.document.customerEmail
  return {
    ...(email ? { email } : {}),
    ...(values.billingName ? { name: values.billingName } : {}),
    ...(values.phoneNumber ? { phone: values.phoneNumber } : {}),
    ...(billing ? { billing } : {}),
    ...(fields.shippingCountries
      ? { shipping: { name: values.shippingName ?? '', address: addressFrom('shipping', values) } }
      : {}),
    ...(custom.length > 0 ? { customFields: Object.fromEntries(custom) } : {}),
  }
}

function addressFrom(kind: 'billing' | 'shipping', values: FieldValues): Address {
  const parts = {
    line1: values[`${kind}AddressLine1`],
    line2: values[`${kind}AddressLine2`],
    city: values[`${kind}Locality`],
    state: values[`${kind}AdministrativeArea`],
    postalCode: values[`${kind}PostalCode`],
    country: values[`${kind}Country`],
  }
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value)) as Address
}
